import { GraphWidget, type IMetric, TextWidget } from "aws-cdk-lib/aws-cloudwatch";

/** Widths and heights of widgets, in units of the dashboard's grid. */
export const FULL_WIDTH = 24;
export const HALF_WIDTH = FULL_WIDTH / 2;
export const WIDGET_HEIGHT = 6;

/** A line of text above a section. */
export const heading = (text: string) =>
  new TextWidget({ markdown: `## ${text}`, width: FULL_WIDTH, height: 1 });

/** A graph of metrics over time. */
export const graph = (title: string, left: readonly IMetric[], width = HALF_WIDTH) =>
  new GraphWidget({ title, left: [...left], width, height: WIDGET_HEIGHT });

/** A graph of half the width. */
export const smallGraph = (title: string, left: readonly IMetric[]) =>
  graph(title, left, HALF_WIDTH / 2);
