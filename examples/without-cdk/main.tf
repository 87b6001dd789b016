terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "stage" {
  description = "The hub's stage"
  type        = string
  default     = "prod"
}

variable "alarm_topic_arn" {
  description = "The SNS topic to notify if events could not be delivered or processed"
  type        = string
  default     = null
}

data "aws_ssm_parameter" "bus_name" {
  name = "/agent-availability/${var.stage}/bus-name"
}

resource "aws_cloudwatch_event_rule" "phone_closed" {
  name_prefix    = "phone-closed-"
  description    = "Agent availability: Agent Channel Availability Changed"
  event_bus_name = data.aws_ssm_parameter.bus_name.insecure_value
  event_pattern = jsonencode({
    source        = ["freshworks.agent-availability"]
    "detail-type" = ["Agent Channel Availability Changed"]
    detail = {
      metadata  = { schemaVersion = [1] }
      channel   = ["freshcaller"]
      available = [false]
    }
  })
}

resource "aws_cloudwatch_event_target" "events" {
  rule           = aws_cloudwatch_event_rule.phone_closed.name
  event_bus_name = aws_cloudwatch_event_rule.phone_closed.event_bus_name
  arn            = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  retry_policy {
    maximum_retry_attempts       = 185
    maximum_event_age_in_seconds = 86400
  }
}

# Your service reads this queue. A message that it fails on five times moves to the dead-letter queue.
resource "aws_sqs_queue" "events" {
  name_prefix                = "phone-closed-"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 60
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name_prefix               = "phone-closed-dead-letters-"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

data "aws_iam_policy_document" "queue" {
  statement {
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  statement {
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.phone_closed.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "queues" {
  for_each = {
    events       = aws_sqs_queue.events.url
    dead_letters = aws_sqs_queue.dead_letters.url
  }
  queue_url = each.value
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${aws_sqs_queue.dead_letters.name}-not-empty"
  alarm_description   = "[ticket] Events (Agent Channel Availability Changed) could not be delivered, or the service failed on them. They wait in the queue ${aws_sqs_queue.dead_letters.name}. First step: read the cause in a message and fix it, then send the events again or delete them."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

output "queue_url" {
  description = "The queue that your service reads"
  value       = aws_sqs_queue.events.url
}

output "dead_letter_queue_url" {
  description = "Events that could not be delivered or processed"
  value       = aws_sqs_queue.dead_letters.url
}
