import 'reflect-metadata';
import { Inject, Injectable, type MiddlewareConsumer, Module, type NestModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { isInviter } from '@vortex/core/rules';
import { vortexRouter, vortexWebhook } from '@vortex/express';
import { findAccount, userOf } from './accounts.js';

@Injectable()
export class Members {
  readonly all = new Set<string>();

  async add(team: string, email: string): Promise<void> {
    this.all.add(`${team} ${email}`);
  }
}

@Module({ providers: [Members] })
export class AppModule implements NestModule {
  @Inject(Members) private readonly members!: Members;

  configure(consumer: MiddlewareConsumer): void {
    const router = vortexRouter({
      apiKey: process.env.VORTEX_API_KEY,
      authenticateUser: async (req) => {
        const account = await findAccount(req.get('x-user')); // stands in for your session
        return account ? userOf(account) : null;
      },
      authorizeOperation: {
        JWT: true,
        GET_INVITATIONS: (op) => op.self,
        REVOKE_INVITATION: isInviter,
        REINVITE: false,
      },
    });
    consumer.apply(router).forRoutes('api/vortex');

    const webhook = vortexWebhook({
      secret: process.env.VORTEX_WEBHOOK_SECRET,
      on: {
        'group.member.added': async ({ data: { scopeType, scope, user } }) => {
          if (scopeType === 'team' && scope && user?.email) await this.members.add(scope, user.email);
        },
      },
    });
    consumer.apply(webhook).forRoutes('webhooks/vortex');
  }
}

export function createApp(): Promise<NestExpressApplication> {
  // Nest parses the body before its middleware runs. With `rawBody`, it keeps the raw bytes that the signature covers.
  return NestFactory.create<NestExpressApplication>(AppModule, { rawBody: true });
}
