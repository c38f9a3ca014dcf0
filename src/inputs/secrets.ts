/** A part of a secret shorter than this is found in any text, and tells nothing. */
const shortestForm = 4;

/**
 * Every text by which a secret could be recognised: itself, its lines, and how it looks in a URL, in JSON and in Base64
 * (also in the middle of other encoded bytes, as in a Basic authorization header). Longest first.
 */
export function secretForms(values: readonly string[]): string[] {
  const whole = values.filter((value) => value.trim() !== '');
  const forms = whole.flatMap((value) => [value, value.trim()].flatMap((text) => [text, ...parts(text)]));
  return [...new Set(forms)].sort((one, other) => other.length - one.length);
}

function parts(value: string): string[] {
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  const texts = [value, ...lines];
  const json = texts.map((text) => JSON.stringify(text).slice(1, -1));
  return [...lines, ...json, ...texts.map(urlEncoded), ...base64Forms(value)].filter(
    (form) => form.length >= shortestForm,
  );
}

/** Lone surrogates cannot be encoded; then there is no such form. */
const urlEncoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '');

/** Base64 of the value at each of the three places it can have in encoded bytes, less the characters that its neighbours change. */
function base64Forms(value: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
    const whole = bytes.toString('base64');
    const first = [0, 2, 3][offset];
    const last = bytes.length % 3 === 0 ? whole.length : Math.floor((bytes.length * 8) / 6);
    return whole.slice(first, last);
  });
  const padded = Buffer.from(value).toString('base64');
  return [padded, ...encoded].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}
