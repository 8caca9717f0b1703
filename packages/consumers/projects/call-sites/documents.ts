/** The OpenAPI document with the application's own parts: how a user signs in, and texts for readers. */
import { type OpenApiDocument, openApiDocument } from '@vortex/core/openapi';
import published from '@vortex/core/openapi.json' with { type: 'json' };
import { vortexRouter } from '@vortex/express';
import { vortexPlugin } from '@vortex/fastify';
import { vortexApp } from '@vortex/hono';

const securitySchemes = { session: { type: 'apiKey', in: 'cookie', name: 'sid' } };
const document = openApiDocument();
const createInvitation = document.paths['/invitations']?.post;

export const own: OpenApiDocument = {
  ...document,
  info: { ...document.info, license: { name: 'MIT' } },
  servers: [{ url: '/api/vortex', description: 'This server' }],
  tags: document.tags.map((tag) => ({ ...tag, description: 'Invitations to a team' })),
  security: [{ session: [] }],
  paths: {
    ...document.paths,
    ...(createInvitation && { '/invitations': { post: { ...createInvitation, security: [] } } }),
  },
  components: { ...document.components, securitySchemes },
};

/** A tag of the application, without an index signature. */
interface Tag {
  name: string;
  description: string;
}

export const tagged = (tags: Tag[]): OpenApiDocument => ({ ...document, tags });

if (createInvitation) createInvitation.security = [{ session: [] }];

/** As the types of other packages describe a document: without an index signature. */
interface DocumentOfAnotherPackage {
  openapi: string;
  paths: object;
}
declare const another: DocumentOfAnotherPackage;

const options = { apiKey: 'k', authenticateUser: () => ({ id: 1 }), authorizeOperation: {} };

export const mounts = [
  vortexRouter({ ...options, openapi: own }),
  vortexRouter({ ...options, openapi: published }),
  vortexPlugin({ ...options, openapi: { ...published, components: { ...published.components, securitySchemes } } }),
  vortexApp({ ...options, openapi: another }),
  vortexApp({ ...options, openapi: { swagger: '2.0', paths: {} } }),
];
