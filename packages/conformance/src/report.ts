/** Gives a test a line that the reporter prints at the end of the run. A later line of the same test replaces it. */
export function report({ meta }: { meta: object }, line: string): void {
  Object.assign(meta, { report: line });
}
