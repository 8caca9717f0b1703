import type { Handle } from '@sveltejs/kit/hooks';
import { findUser } from '../../your-app.js';

/** The session of the application. */
export const handle: Handle = ({ event, resolve }) => {
  event.locals.user = findUser(event.request.headers.get('x-user')); // stands in for your session
  return resolve(event);
};
