/** An error about an invalid command line. The program prints it without a stack and exits with 2. */
export class UsageError extends Error {}
