import { conformanceOptions, defineConformance } from '@vortex/conformance';
import { vortexRouter } from '@vortex/express';
import type { Request } from 'express';
import { listen, versions } from './listen.js';

for (const [name, express] of versions) {
  defineConformance(name, (settings) => {
    const app = express();
    const options = conformanceOptions<Request>(settings, (request, header) => request.get(header));
    app.use('/api/vortex', vortexRouter(options));
    return listen(app);
  });
}
