import { readFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { lastLines, runCommand } from "../run/command.ts";
import { checkovPrograms } from "./python.ts";

const checkSchema = z.object({
  check_id: z.string(),
  check_name: z.string(),
  file_abs_path: z.string(),
  /** Type and logical id, with a dot between. */
  resource: z.string(),
});

/** Of what Checkov writes, what is read here. When it finds no template there are no `results`. */
const reportSchema = z.object({
  results: z.object({
    passed_checks: z.array(checkSchema),
    failed_checks: z.array(checkSchema),
    skipped_checks: z.array(checkSchema),
    parsing_errors: z.array(z.string()),
  }),
});

const templateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Metadata: z.object({ "aws:cdk:path": z.string().optional() }).optional() }),
  ),
});

/** A rule that a resource does not follow. */
export interface Finding {
  /** The template's path, as it was given. */
  readonly template: string;
  /** The construct that it is about, from its stack. */
  readonly path: string;
  /** Checkov's rule, such as `CKV_AWS_115`. */
  readonly id: string;
  /** What the rule asks for. */
  readonly name: string;
}

async function run(templates: readonly string[], folder: string) {
  const { code, output } = await runCommand(
    join(await checkovPrograms(), "checkov"),
    [
      "--framework=cloudformation",
      // Asks Checkov's platform for nothing.
      "--skip-download",
      "--compact",
      // Ends with 0 when it ran, whatever it found.
      "--soft-fail",
      "--output=json",
      `--output-file-path=${folder}`,
      ...templates.flatMap((template) => ["--file", template]),
    ],
    {
      // The settings, and the keys for Checkov's platform, of whoever runs this are not the project's.
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder, CKV_SKIP_PACKAGE_UPDATE_CHECK: "true" },
    },
  );
  if (code !== 0) {
    throw new Error(`Checkov ended with ${String(code)}:\n${lastLines(output)}`);
  }
  const report: unknown = JSON.parse(readFileSync(join(folder, "results_json.json"), "utf8"));
  return reportSchema.parse(report).results;
}

type Results = Awaited<ReturnType<typeof run>>;

/** @throws Error when a finding may have gone unseen. */
function seeAll(results: Results, templates: readonly string[]): void {
  const { passed_checks: passed, failed_checks: failed, skipped_checks: skipped } = results;
  const read = new Set([...passed, ...failed].map((each) => each.file_abs_path));
  const unseen = [
    ...results.parsing_errors.map((template) => `${template}: Checkov cannot read it`),
    ...templates.filter((each) => !read.has(each)).map((each) => `${each}: no rule looked at it`),
    ...skipped.map(({ check_id: id, resource }) => `${resource}: its metadata skip ${id}`),
  ];
  if (unseen.length > 0) {
    throw new Error(`What Checkov finds would not be all:\n${unseen.join("\n")}`);
  }
}

function constructOf({ file_abs_path: template, resource }: z.infer<typeof checkSchema>): string {
  const { Resources: resources } = templateSchema.parse(JSON.parse(readFileSync(template, "utf8")));
  const path = resources[resource.slice(resource.lastIndexOf(".") + 1)]?.Metadata?.["aws:cdk:path"];
  return path === undefined ? resource : path.slice(path.indexOf("/") + 1);
}

/**
 * What Checkov, with the rules that it brings, finds in templates.
 *
 * @param folder one for what it writes.
 * @throws Error when it did not run, or did not look at every one of them.
 */
export async function findingsIn(templates: readonly string[], folder: string): Promise<Finding[]> {
  const results = await run(templates, folder);
  seeAll(results, templates);
  return results.failed_checks.map((failed) => ({
    template: failed.file_abs_path,
    path: constructOf(failed),
    id: failed.check_id,
    name: failed.check_name,
  }));
}
