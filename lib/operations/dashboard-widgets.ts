import { GraphWidget, type IMetric, TextWidget } from "aws-cdk-lib/aws-cloudwatch";

/** Widths and heights of widgets, in units of the dashboard's grid. */
export const FULL_WIDTH = 24;
export const HALF = FULL_WIDTH / 2;
export const QUARTER = FULL_WIDTH / 4;
export const HEIGHT = 6;

/** A line of text above a section. */
export const heading = (text: string) =>
  new TextWidget({ markdown: `## ${text}`, width: FULL_WIDTH, height: 1 });

/** A graph of metrics over time. */
export const graph = (title: string, left: readonly IMetric[], width = HALF) =>
  new GraphWidget({ title, left: [...left], width, height: HEIGHT });
