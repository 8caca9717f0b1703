/** Stands in for the component of the vendor's package: a link to the stand-in of the emulator, with the token. */
declare const EMULATOR: string;

export function VortexInvite({
  componentId,
  jwt,
  isLoading,
}: {
  componentId: string;
  jwt: string;
  isLoading: boolean;
}) {
  if (isLoading) return <p>Loading…</p>;
  return <a href={`${EMULATOR}/component/${encodeURIComponent(componentId)}#token=${jwt}`}>Open the component</a>;
}
