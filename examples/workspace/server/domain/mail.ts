/** A message that the application sends: a sign-in link. Vortex sends the invitations. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  link: string;
}

/** Sends a message. In production, pass it to your mail provider. */
export type Mailer = (mail: Mail) => Promise<void>;
