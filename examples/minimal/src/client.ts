import { VortexClient } from '@vortex/core';

const client = new VortexClient(process.env.VORTEX_API_KEY); // throws if the key is missing or malformed

const invitation = await client.createInvitation({
  widgetConfigurationId: process.env.VORTEX_WIDGET ?? 'any', // the emulator accepts any id
  target: { type: 'email', value: "o'brien@example.com" },
  inviter: { userId: 'u-1', name: 'Ada' },
});
console.log(invitation.shortLink);

const open = await client.getInvitationsByTarget('email', "o'brien@example.com");
console.log(open.map(({ id, status }) => `${id} ${status}`));

await client.close();
