import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  SingleValueWidget,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

import { DAY, FIVE_MINUTES } from "./promise.ts";
import type { Watched } from "./watched.ts";

/** What the dashboard needs to know. */
export interface AnswersProps {
  readonly watched: Watched;
  readonly alarms: readonly IAlarm[];
}

const FULL_WIDTH = 24;
const HEIGHT = 6;

const heading = (question: string) =>
  new TextWidget({ markdown: `## ${question}`, width: FULL_WIDTH, height: 1 });

const graph = (title: string, left: readonly IMetric[], width = FULL_WIDTH / 2) =>
  new GraphWidget({ title, left: [...left], width, height: HEIGHT });

/** The dashboard of a stage: questions from top to bottom, in the order of the flow. */
export class Answers extends Construct {
  constructor(scope: Construct, id: string, { watched, alarms }: AnswersProps) {
    super(scope, id);

    new Dashboard(this, "Resource", {
      dashboardName: `agent-availability-${watched.stage.name}`,
      widgets: [
        [new AlarmStatusWidget({ title: "Promises", alarms: [...alarms], width: FULL_WIDTH })],
        ...arrivals(watched),
        ...telling(watched),
        ...people(watched),
        ...leftAndPaid(watched),
      ],
    });
  }
}

function arrivals(watched: Watched): IWidget[][] {
  const { stage } = watched;
  const refused = (
    [
      "BadSignature",
      "Unauthenticated",
      "AccountMismatch",
      "SourceNotAllowed",
      "Malformed",
      "TooLarge",
    ] as const
  ).map((reason) => watched.ingest(`Rejected${reason}`, FIVE_MINUTES));
  return [
    [heading(`Stage ${stage.name}: are changes arriving?`)],
    [
      graph("received, and caught up after parking", [
        watched.ingest("EventsReceived", FIVE_MINUTES),
        watched.ingest("EventsParked", FIVE_MINUTES),
      ]),
      graph("refused, and invalid in a list", [
        ...refused,
        watched.ingest("EventsInvalid", FIVE_MINUTES),
        watched.throttled(FIVE_MINUTES),
      ]),
    ],
    [heading("Are they stored?")],
    [
      graph("stored, known already, or older than what is stored", [
        watched.ingest("EventsApplied", FIVE_MINUTES),
        watched.ingest("EventsDuplicate", FIVE_MINUTES),
        watched.ingest("EventsStale", FIVE_MINUTES),
      ]),
      graph("failed", [
        watched.api("5xx", FIVE_MINUTES),
        watched.ingest("RejectedDependencyFailed", FIVE_MINUTES),
        watched.ingest("KeysFetchFailed", FIVE_MINUTES),
        watched.ingest("ChangesRejectedByTable", FIVE_MINUTES),
      ]),
    ],
  ];
}

function telling(watched: Watched): IWidget[][] {
  const age = (statistic: string) => watched.publisher("EventAge", { ...FIVE_MINUTES, statistic });
  return [
    [heading("Are they told, and how fast?")],
    [
      graph("told, or refused by the bus and tried again", [
        watched.publisher("EventsPublished", FIVE_MINUTES),
        watched.publisher("EntriesRefused", FIVE_MINUTES),
      ]),
      graph(
        "milliseconds from occurring to being told",
        [
          age("p50").with({ label: "half of them" }),
          age("p99").with({ label: "99 of 100; the goal is 5,000" }),
        ],
        FULL_WIDTH / 4,
      ),
      graph(
        "milliseconds that changes wait in the stream",
        [
          watched.lambda("PublisherFunctionName", "IteratorAge", {
            ...FIVE_MINUTES,
            statistic: "Maximum",
          }),
        ],
        FULL_WIDTH / 4,
      ),
    ],
  ];
}

function people(watched: Watched): IWidget[][] {
  const look = { ...FIVE_MINUTES, statistic: "Maximum" };
  const channels = [
    watched.census("AvailableOnFreshdesk", look).with({ label: "tickets" }),
    watched.census("AvailableOnFreshchat", look).with({ label: "chat" }),
    watched.census("AvailableOnFreshcaller", look).with({ label: "phone" }),
  ];
  const atWork = watched
    .census("AgentsAtWork", look)
    .with({ label: "of one channel, opened within 12 hours" });
  return [
    [heading("How many agents are available now?")],
    [
      new SingleValueWidget({
        title: "now",
        metrics: channels,
        width: FULL_WIDTH / 2,
        height: HEIGHT,
      }),
      graph("over time", [...channels, atWork]),
    ],
  ];
}

function leftAndPaid(watched: Watched): IWidget[][] {
  const most = { ...FIVE_MINUTES, statistic: "Maximum" };
  return [
    [heading("What was set aside?")],
    [
      graph(
        "events set aside, and waiting",
        [
          watched.publisher("EventsSetAside", FIVE_MINUTES),
          watched.queue("DeadLetterQueueUrl", "ApproximateNumberOfMessagesVisible", most),
        ],
        FULL_WIDTH / 4,
      ),
      graph(
        "seconds that the oldest waits, of those that were received at most twice",
        [watched.queue("DeadLetterQueueUrl", "ApproximateAgeOfOldestMessage", most)],
        FULL_WIDTH / 4,
      ),
      graph(
        "records in the bucket of what failed for 22 hours, by the day",
        [watched.failedObjects({ ...DAY, statistic: "Average" })],
        FULL_WIDTH / 4,
      ),
      graph(
        "records that could not even be put into the bucket",
        [watched.lambda("PublisherFunctionName", "DestinationDeliveryFailures", FIVE_MINUTES)],
        FULL_WIDTH / 4,
      ),
    ],
    [heading("What does it cost? `npx agent-availability cost` has the prices")],
    [
      graph("requests, and calls of the functions", [
        watched.api("Count", FIVE_MINUTES),
        watched.lambda("IngestFunctionName", "Invocations", FIVE_MINUTES),
        watched.lambda("PublisherFunctionName", "Invocations", FIVE_MINUTES),
      ]),
      graph("write units, and events", [
        watched.table("ConsumedWriteCapacityUnits", FIVE_MINUTES),
        watched.publisher("EventsPublished", FIVE_MINUTES),
      ]),
    ],
  ];
}
