/** Mail of the application's own, which is not much: invitations are sent by Vortex. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  link: string;
}

/** Yours hands the mail to a provider. */
export type Mailer = (mail: Mail) => Promise<void>;
