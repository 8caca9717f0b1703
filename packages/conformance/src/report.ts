/** A figure for the end of the run, which the reporter prints. The last line of a test counts. */
export function report({ meta }: { meta: object }, line: string): void {
  Object.assign(meta, { report: line });
}
