/** One e-mail. Addresses are plain or `Name <address>`; nothing here comes from a template unchecked. */
export interface MailMessage {
  from: string;
  to: string[];
  cc?: string[];
  replyTo?: string;
  subject: string;
  text?: string;
  html?: string;
  messageId: string;
  headers?: Record<string, string>;
  /** Plain text, each under a name that ends in `.txt`. */
  attachments?: { name: string; text: string }[];
  /** Envelope recipients when only some addresses are to be reached (again); default: to and cc. */
  recipients?: string[];
  dkim?: { domainName: string; keySelector: string; privateKey: string };
}

export interface MailRefusal {
  address: string;
  /** SMTP answer code, e.g. 550. */
  code: number;
  message: string;
}

export interface MailResult {
  accepted: string[];
  refused: MailRefusal[];
}

/** Sends over SMTP through pooled connections that pass the address guard. Throws {@link MailError}. */
export interface MailClient {
  send(smtpUrl: string, message: MailMessage, timeoutMs: number, signal?: AbortSignal): Promise<MailResult>;
}

/** A message that was not taken at all. `offline`: our own network or name service does not work. */
export class MailError extends Error {
  override readonly name = 'MailError';
  constructor(
    readonly failure:
      | 'address_forbidden'
      | 'offline'
      | 'dns'
      | 'tls'
      | 'connection'
      | 'timeout'
      | 'auth'
      | 'answer'
      | 'message',
    message: string,
    /** SMTP answer code where there was one. */
    readonly code: number | null,
    /** True when the message's data may have been taken: the outcome is unknown. */
    readonly sent: boolean,
    readonly refused: MailRefusal[] = [],
  ) {
    super(message);
  }
}
