import { useInvite } from '@vortex/react/query';
import type { Role, Team } from '../api.js';
import { invitationTo } from '../vortex.js';
import { ActionButton } from './button.js';
import { useFailureToast, useToast } from './toasts.js';

/** Undoes a revoked invitation or a removed member: neither can be restored, so this sends a new invitation. */
export function InviteAgain({ team, role, email }: { team: Team; role: Role; email: string }) {
  const { invite } = useInvite();
  const say = useToast();
  const sayFailure = useFailureToast();
  const press = async () => {
    const [result] = await invite(invitationTo(team, role, [email]));
    if (result?.status === 'failed') sayFailure(result.error);
    else say(`New invitation sent to ${email}.`);
  };
  return (
    <ActionButton className="plain" onPress={press}>
      Invite again
    </ActionButton>
  );
}
