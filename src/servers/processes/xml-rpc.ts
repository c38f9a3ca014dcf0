import { z } from 'zod';
import { fail, ok, type Result } from '../../result.ts';
import { isList, type RpcValue, readValues } from './xml-rpc-values.ts';

/** The other side's refusal of a call: a number of its own and its words. */
export interface Fault {
  readonly code: number;
  readonly text: string;
}

export type RpcAnswer = { readonly value: RpcValue } | { readonly fault: Fault };

/** A method call as XML (http://xmlrpc.com/spec.md). */
export const encodeCall = (method: string, parameters: readonly RpcValue[]): string =>
  `<?xml version="1.0"?><methodCall><methodName>${escaped(method)}</methodName><params>${parameters
    .map((parameter) => `<param>${encode(parameter)}</param>`)
    .join('')}</params></methodCall>`;

function encode(value: RpcValue): string {
  if (typeof value === 'string') return `<value><string>${escaped(value)}</string></value>`;
  if (typeof value === 'number') return `<value><int>${value}</int></value>`;
  if (typeof value === 'boolean') return `<value><boolean>${value ? 1 : 0}</boolean></value>`;
  if (isList(value)) return `<value><array><data>${value.map(encode).join('')}</data></array></value>`;
  const members = Object.entries(value).map(
    ([name, item]) => `<member><name>${escaped(name)}</name>${encode(item)}</member>`,
  );
  return `<value><struct>${members.join('')}</struct></value>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const faultSchema = z.object({ faultCode: z.number(), faultString: z.string() });

/** An answer that is not XML-RPC is a failure; a fault is an answer. */
export function decodeAnswer(xml: string): Result<RpcAnswer> {
  const values = readValues(xml);
  const [value] = values ?? [];
  if (values?.length !== 1 || value === undefined || !xml.includes('<methodResponse>')) return notXmlRpc(xml);
  if (!/^[^<]*(<\?[^>]*>\s*)?<methodResponse>\s*<fault>/.test(xml)) return ok({ value });
  const fault = faultSchema.safeParse(value);
  if (!fault.success) return notXmlRpc(xml);
  return ok({ fault: { code: fault.data.faultCode, text: fault.data.faultString } });
}

const notXmlRpc = (text: string): Result<never> =>
  fail({ what: 'the answer is not XML-RPC', detail: text.slice(0, 300) });
