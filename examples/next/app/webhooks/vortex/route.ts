import { vortexWebhookHandler } from '@vortex/hono';
import { addMember, findUserByEmail, team } from '../../people';

/** Adds members. The page cannot: the user may close it right after accepting. */
export const POST = vortexWebhookHandler({
  secret: () => process.env.VORTEX_WEBHOOK_SECRET,
  on: {
    'group.member.added': ({ data: { scopeType, scope, user } }) => {
      const member = findUserByEmail(user?.email);
      if (member && scopeType === team.type && scope === team.id) addMember(member);
    },
  },
});
