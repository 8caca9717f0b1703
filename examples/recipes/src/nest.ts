import 'reflect-metadata';
import { Inject, Injectable, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { VortexClient, type WebhookEventOf } from '@vortex/core';
import { isInvitee, isInviter } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { findAccount, findAccountByEmail, userOf } from './accounts.js';
import { findInvitation } from './invitations.js';
import { addMember, isAdminOf, roleIn } from './teams.js';

const client = new VortexClient(process.env.VORTEX_API_KEY);

@Injectable()
class Members {
  async join({ timestamp, data }: WebhookEventOf<'group.member.added'>): Promise<void> {
    const { invitationId, scopeType, scope, user } = data;
    // Only the signature of an event is checked. Each field may be missing.
    if (scopeType !== 'team' || !scope || !invitationId || !user?.email) return;
    const account = await findAccountByEmail(user.email); // ignores case: the address is as the user has typed it
    const invitation = await findInvitation(client, invitationId);
    if (!account?.emailVerified || !invitation) return;
    if ((await roleIn(scope, invitation.foreignCreatorId ?? '')) !== 'admin') return; // the component invites without asking your rules
    if (!(await isInvitee({ loadInvitation: async () => invitation }, userOf(account)))) return; // a link is for its addressee only
    await addMember(scope, account.id, { invitedAt: invitation.createdAt, acceptedAt: timestamp });
  }
}

@Module({ providers: [Members] })
export class AppModule implements NestModule {
  @Inject(Members) private readonly members!: Members;

  configure(consumer: MiddlewareConsumer): void {
    const router = vortexRouter({
      client,
      authenticateUser: async (req) => {
        const account = await findAccount(req.get('x-user')); // stands in for your session
        return account ? userOf(account) : null;
      },
      authorizeOperation: {
        JWT: ({ context }, { id }) => isAdminOf(context, id),
        GET_INVITATIONS: (op) => op.self,
        REVOKE_INVITATION: isInviter,
        REINVITE: false,
      },
    });
    consumer.apply(router).forRoutes('api/vortex');

    const webhook = vortexWebhook({
      secret: process.env.VORTEX_WEBHOOK_SECRET,
      on: {
        'group.member.added': (event) => this.members.join(event),
      },
    });
    consumer.apply(webhook).forRoutes('webhooks/vortex');
  }
}

export function createApp(): Promise<NestExpressApplication> {
  // Nest parses the body before its middleware runs. With `rawBody`, it keeps the raw bytes that the signature covers.
  return NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
}
