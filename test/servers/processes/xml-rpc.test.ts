import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeCall } from '../../../src/servers/processes/xml-rpc.ts';
import { type RpcValue, readValues } from '../../../src/servers/processes/xml-rpc-values.ts';

const scalar = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean());
const { value: anyValue } = fc.letrec<{ value: RpcValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** What a server would answer with that value: the parameters of a call are written the same way. */
const answerWith = (value: RpcValue) => {
  const [, parameters = ''] = /(<params>.*<\/params>)/s.exec(encodeCall('x', [value])) ?? [];
  return `<?xml version='1.0'?>\n<methodResponse>\n${parameters}\n</methodResponse>\n`;
};

describe('XML-RPC', () => {
  it('brings every value back', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeAnswer(answerWith(value))).toEqual({ ok: true, value: { value } });
      }),
    );
  });

  it('reads what Python writes, spaces and all', () => {
    const answer = `<?xml version='1.0'?>
<methodResponse>
<params>
<param>
<value><array><data>
<value><struct>
<member>
<name>name</name>
<value><string>8001</string></value>
</member>
<member>
<name>spawnerr</name>
<value><string></string></value>
</member>
<member>
<name>description</name>
<value><string>can't find command 'a &lt;b&gt; &amp;amp; c'</string></value>
</member>
<member>
<name>pid</name>
<value><int>4711</int></value>
</member>
</struct></value>
<value><array><data>
</data></array></value>
<value>bare</value>
<value/>
</data></array></value>
</param>
</params>
</methodResponse>`;
    const process = { name: '8001', spawnerr: '', description: "can't find command 'a <b> &amp; c'", pid: 4711 };
    expect(decodeAnswer(answer)).toEqual({ ok: true, value: { value: [process, [], 'bare', ''] } });
  });

  it('tells a fault from a value that looks like one', () => {
    const fault = { faultCode: 10, faultString: 'BAD_NAME: shop' };
    expect(decodeAnswer(answerWith(fault))).toEqual({ ok: true, value: { value: fault } });
    const answered = answerWith(fault).replace(/<params><param>(.*)<\/param><\/params>/s, '<fault>$1</fault>');
    expect(decodeAnswer(answered)).toEqual({ ok: true, value: { fault: { code: 10, text: 'BAD_NAME: shop' } } });
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<html><body>It works!</body></html>'],
    ['half an answer', answerWith(['a', 'b']).slice(0, -30)],
    ['no number where one is promised', answerWith(1).replace('<int>1', '<int>one')],
    ['an unknown type', answerWith(1).replaceAll('int>', 'nil>')],
    ['crossed tags', '<methodResponse><params><param><value></param></value></params></methodResponse>'],
    ['two values', answerWith(1).replace('</params>', '<param><value>2</value></param></params>')],
    ['a call', encodeCall('supervisor.getState', [1])],
    [
      'a DOCTYPE',
      answerWith('&bomb;').replace('<methodResponse>', '<!DOCTYPE a [<!ENTITY bomb "x">]><methodResponse>'),
    ],
  ])('refuses %s', (_name, xml) => {
    expect(decodeAnswer(xml)).toMatchObject({ ok: false, failure: { what: 'the answer is not XML-RPC' } });
  });

  it('expands no entity but those of XML', () => {
    expect(decodeAnswer(answerWith('x').replace('>x<', '>&bomb; &#65; &lt;<'))).toEqual({
      ok: true,
      value: { value: '&bomb; &#65; <' },
    });
  });

  it('ends on any text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<value>', '</value>', '<struct>', '</struct>', '<', '>', 'x', '<name>', '</name>')),
        (parts) => {
          readValues(parts.join(''));
        },
      ),
    );
  });
});
