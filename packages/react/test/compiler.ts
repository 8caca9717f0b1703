/** Compiles with the React Compiler, as an application's build does, except that a function it cannot compile is an error. */
export interface Compiled {
  code: string;
  /** The names of the components and hooks that were compiled. */
  names: string[];
}

/**
 * @public used by `compiler.runtimes.ts`
 * @throws {Error} if a component or a hook breaks a rule of React
 */
export async function compile(code: string, filename: string): Promise<Compiled> {
  // Not at the top: every run of the tests reads this file.
  const { transformAsync } = await import('@babel/core');
  const names: string[] = [];
  const logger = {
    logEvent: (_: unknown, event: { kind: string; fnName?: string | null }) => {
      if (event.kind === 'CompileSuccess') names.push(event.fnName ?? '');
    },
  };
  const result = await transformAsync(code, {
    filename,
    babelrc: false,
    configFile: false,
    sourceMaps: 'inline',
    // Types and JSX are left to the compiler that runs next.
    parserOpts: { plugins: filename.endsWith('x') ? ['typescript', 'jsx'] : ['typescript'] },
    plugins: [['babel-plugin-react-compiler', { panicThreshold: 'all_errors', logger }]],
  });
  return { code: result?.code ?? '', names };
}

/** A plugin of vite and rolldown that compiles this package and the README's screen. */
export const reactCompiler = {
  name: 'react-compiler',
  enforce: 'pre' as const,
  transform: async (code: string, id: string) =>
    /\/packages\/react\/(?:(?:src|dist)\/.+\.[jt]sx?|test\/invite-screen\.tsx)$/u.test(id)
      ? { code: (await compile(code, id)).code }
      : undefined,
};
