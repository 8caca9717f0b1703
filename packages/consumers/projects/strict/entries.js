import { openApiDocument } from '@vortex/core/openapi';
import { redisStore } from '@vortex/core/redis';
import { inEveryScope } from '@vortex/core/rules';
import { readToken } from '@vortex/core/testing';

console.log(typeof openApiDocument, typeof redisStore, typeof inEveryScope, typeof readToken);
