import type { ClientErrorExtensions } from 'ssh2';
import type { SshTarget } from '../../inputs/config.ts';
import type { Failure } from '../../result.ts';
import type { Attempt } from './authentication.ts';
import type { Connected, ConnectOptions, SshCredentials } from './connection.ts';

export type SshError = Error & ClientErrorExtensions & { readonly code?: unknown };

/** Why every use of a connection fails from now on. */
export const lossOf = ({ name }: SshTarget, trouble: SshError | undefined): Failure => ({
  what: 'the SSH connection was lost',
  where: name,
  ...(trouble === undefined ? {} : { detail: trouble.message }),
});

/** What an attempt failed of, for a person, and whether it makes sense to try again. */
export function explain(
  error: SshError,
  { target, deadlineMs, credentials }: ConnectOptions,
  attempt: Attempt,
): Connected {
  const where = target.name;
  const address = `${target.address}:${target.port}`;
  if (attempt.refusal !== undefined) return { ok: false, failure: attempt.refusal, again: false };
  if (error.level === 'client-authentication' || error.level === 'agent')
    return { ok: false, failure: explainRefusal(error, { target, credentials, attempt }), again: false };
  if (error.level === 'client-timeout')
    return {
      ok: false,
      failure: { what: `no SSH connection to ${address} within ${deadlineMs / 1000} s`, where },
      again: true,
    };
  if (error.level === 'handshake')
    return {
      ok: false,
      failure: { what: `no common SSH protocol with ${address}`, where, detail: error.message },
      again: false,
    };
  const failure = { what: `no SSH connection to ${address}`, where, detail: error.message };
  return { ok: false, failure, again: passesByItself(error) };
}

function explainRefusal(
  error: SshError,
  { target, credentials, attempt }: { target: SshTarget; credentials: SshCredentials; attempt: Attempt },
): Failure {
  if (credentials.privateKeys.length === 0 && credentials.agent === undefined)
    return { what: 'there is no SSH key to log in with', where: target.name, advice: 'set the ssh-key input' };
  if (error.level === 'agent')
    return { what: `the SSH agent at ${credentials.agent} cannot be asked`, where: target.name, detail: error.message };
  return {
    what: `${target.user} may not log in with any of the given keys`,
    where: target.name,
    detail: [`tried: ${attempt.tried.join(', ')}`, `the server takes: ${attempt.accepted.join(', ')}`].join('\n'),
    advice: `is the public key in ~/.ssh/authorized_keys of ${target.user}, and are that file and its folders writable by nobody else?`,
  };
}

/** A reset before the greeting is how sshd's MaxStartups, fail2ban and overloaded firewalls turn connections away. */
const passesByItself = ({ code, message }: SshError): boolean =>
  ['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN'].includes(String(code)) ||
  /connection was closed|Connection lost before handshake/.test(message);
