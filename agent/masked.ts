// A report without known secrets: sentences, steps and last lines may quote what a program or a tool printed.
import type { BuildReport, JobOutcome, Report } from "../protocol/channel.ts";
import type { Masker } from "./logs/mask.ts";

/** Of a sentence, in characters: a mask has as many bytes as what it covers, and may have more characters. */
const MOST_CHARS = 2_000;

const sentence = (masker: Masker, one: string) => masker.maskText(one).slice(0, MOST_CHARS);
const maybe = (masker: Masker, one: string | null) => (one === null ? null : sentence(masker, one));

function maskBuild(build: BuildReport, masker: Masker): BuildReport {
  const { outcome, steps } = build;
  return {
    ...build,
    steps: steps.map((step) => ({ ...step, detail: maybe(masker, step.detail) })),
    outcome:
      outcome.kind === "failed"
        ? {
            ...outcome,
            message: sentence(masker, outcome.message),
            tail: masker.maskLines(outcome.tail),
          }
        : outcome,
  };
}

function maskJob(outcome: JobOutcome | null, masker: Masker): JobOutcome | null {
  if (outcome === null) return null;
  return {
    ...outcome,
    ...("message" in outcome ? { message: sentence(masker, outcome.message) } : {}),
    ...("tail" in outcome ? { tail: masker.maskLines(outcome.tail) } : {}),
  };
}

export function maskReport(report: Report, masker: Masker): Report {
  if (masker.isEmpty) return report;
  return {
    ...report,
    instances: report.instances.map((one) => ({ ...one, detail: maybe(masker, one.detail) })),
    exits: report.exits.map((one) => ({
      ...one,
      detail: maybe(masker, one.detail),
      tail: masker.maskLines(one.tail),
    })),
    builds: report.builds.map((build) => maskBuild(build, masker)),
    jobs: report.jobs.map((job) => ({
      ...job,
      detail: maybe(masker, job.detail),
      outcome: maskJob(job.outcome, masker),
    })),
  };
}
