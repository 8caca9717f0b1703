/**
 * Where each page of the site comes from. The pages in the folders of this package (`start`, `guides`, …) need no entry: their
 * place follows from their path. The others are pages of the packages and examples, as they are or by section.
 */

/** A group of the sidebar: the pages below a folder of the site. */
export interface Group {
  readonly folder: string;
  readonly title: string;
  /** Which sidebar it is in. */
  readonly bar: 'guide' | 'reference';
  /** True for a group with so many pages that they are shown only inside it. */
  readonly isShort?: boolean;
}

export const groups: readonly Group[] = [
  { folder: 'start', title: 'Start', bar: 'guide' },
  { folder: 'guides', title: 'Guides', bar: 'guide' },
  { folder: 'hosts', title: 'Hosts', bar: 'guide', isShort: true },
  { folder: 'frontend', title: 'Frontend', bar: 'guide' },
  { folder: 'emulator', title: 'Emulator and doctor', bar: 'guide' },
  { folder: 'moving', title: 'Moving', bar: 'guide', isShort: true },
  { folder: 'troubleshooting', title: 'Troubleshooting', bar: 'guide' },
  { folder: 'examples', title: 'Examples', bar: 'guide' },
  { folder: 'reference', title: 'Reference', bar: 'reference' },
  { folder: 'reference/server', title: 'The server in detail', bar: 'reference' },
  { folder: 'reference/api', title: 'Every export', bar: 'reference' },
  { folder: 'reference/project', title: 'The project', bar: 'reference' },
];

/** A page of the repository, and the pages of the site that its sections become. */
export interface Placement {
  readonly from: string;
  /** Gets the introduction, and each section that has no other page. */
  readonly to: string;
  /** Text in the sidebar, if it is not the title of the page. */
  readonly sidebar?: string;
  /** Pages that get some sections, named by their anchors. Those with one section take their title from it. */
  readonly parts?: readonly Part[];
  /** A folder in which each section gets a page of its own, unless `keep` has its anchor. */
  readonly each?: string;
  readonly keep?: readonly string[];
}

export interface Part {
  readonly to: string;
  readonly title?: string;
  readonly sidebar?: string;
  readonly sections: readonly string[];
}

export const placements: readonly Placement[] = [
  { from: 'examples/recipes/README.md', to: 'guides/recipes' },
  {
    from: 'examples/hosts/README.md',
    to: 'hosts/index',
    sidebar: 'All hosts',
    each: 'hosts',
    keep: ['webhooks-durations-and-secrets', 'containers', 'how-the-tests-stand-in-for-a-platform'],
  },
  { from: 'packages/express/README.md', to: 'hosts/vortex-express' },
  { from: 'packages/fastify/README.md', to: 'hosts/vortex-fastify' },
  { from: 'packages/hono/README.md', to: 'hosts/vortex-hono' },
  {
    from: 'packages/react/README.md',
    to: 'frontend/react',
    sidebar: 'React',
    parts: [
      {
        to: 'frontend/component',
        title: 'The vendor’s component and the provider',
        sidebar: 'The vendor’s component',
        sections: ['components-of-the-vendor', 'the-provider', 'the-token'],
      },
      { to: 'moving/provider', sidebar: 'From the React provider', sections: ['moving-from-the-vendors-provider'] },
    ],
  },
  { from: 'packages/browser/README.md', to: 'frontend/browser', sidebar: 'Browser, without React' },
  {
    from: 'packages/emulator/README.md',
    to: 'emulator/index',
    sidebar: 'The emulator',
    parts: [
      { to: 'emulator/tests', sections: ['in-tests', 'the-emulator-object'], title: 'The emulator in tests' },
      { to: 'emulator/doctor', sections: ['doctor'] },
      { to: 'emulator/steering', sections: ['steering-a-running-emulator'] },
      { to: 'emulator/faults', sections: ['faults', 'webhooks'], title: 'Faults and webhooks' },
      { to: 'emulator/tokens', sections: ['tokens-and-the-client-api'] },
    ],
  },
  { from: 'packages/core/MOVING.md', to: 'moving/index', sidebar: 'What differs' },
  { from: 'packages/core/moving/express.md', to: 'moving/express', sidebar: 'From Express' },
  { from: 'packages/core/moving/fastify.md', to: 'moving/fastify', sidebar: 'From Fastify' },
  { from: 'packages/core/moving/nextjs.md', to: 'moving/nextjs', sidebar: 'From Next.js' },
  { from: 'packages/core/moving/rails.md', to: 'moving/rails', sidebar: 'From Rails and Sinatra' },
  { from: 'packages/core/moving/spring.md', to: 'moving/spring', sidebar: 'From Spring' },
  { from: 'packages/core/moving/sdk.md', to: 'moving/sdk', sidebar: 'From the SDKs' },
  { from: 'examples/workspace/README.md', to: 'examples/workspace', sidebar: 'Roster, a whole application' },
  { from: 'examples/express/README.md', to: 'examples/express', sidebar: 'Commons, on Express' },
  { from: 'examples/minimal/README.md', to: 'examples/minimal', sidebar: 'Minimal programs' },
  { from: 'examples/next/README.md', to: 'examples/next', sidebar: 'Next.js application' },
  {
    from: 'packages/core/README.md',
    to: 'reference/server/index',
    sidebar: 'Overview',
    parts: [{ to: 'reference/errors', title: 'Error codes', sections: ['errors'] }],
    each: 'reference/server',
  },
  { from: 'packages/core/STORES.md', to: 'reference/server/stores' },
  { from: 'packages/core/UPGRADING.md', to: 'reference/project/upgrading' },
  { from: 'packages/core/VERSIONS.md', to: 'reference/project/versions' },
  { from: 'SECURITY.md', to: 'reference/project/security' },
  { from: 'packages/bench/README.md', to: 'reference/project/benchmarks' },
  { from: 'CONTRIBUTING.md', to: 'reference/project/contributing' },
];

/** Pictures below the first paragraph of a page, by the names that `pictures.ts` gives them. */
export const pictures: Readonly<Record<string, readonly { readonly name: string; readonly alt: string }[]>> = {
  'examples/workspace': [
    { name: 'roster-team', alt: 'The page of a team in Roster: its members, and the invitations that are pending.' },
    { name: 'roster-invite', alt: 'The dialog in which an admin invites several people at once.' },
    { name: 'roster-outbox', alt: 'The outbox of Roster: the messages that would have been sent, with their links.' },
  ],
  'emulator/index': [
    {
      name: 'emulator',
      alt: 'The page of the emulator: the requests of an application, with status, caller and duration.',
    },
  ],
  'emulator/doctor': [{ name: 'doctor', alt: 'The doctor in a terminal: a line for each check, with advice.' }],
};
