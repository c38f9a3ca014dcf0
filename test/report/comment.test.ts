import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedComment, markerOf, renderComment, renderShortComment } from '../../src/report/comment.ts';
import type { Event } from '../../src/report/events.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { timelineOf } from '../../src/report/timeline.ts';
import { courses } from './fixtures/courses.ts';
import { blueGreenPlan, streamOf, swapPlan, witness } from './fixtures/streams.ts';

const setting = { environment: 'production', budgetMs: 5_000, runUrl: 'https://github.com/acme/shop/actions/runs/193' };
const eventsOf = (name: string): Event[] => courses[name]?.() ?? [];
const render = (name: string) => renderComment(timelineOf(eventsOf(name)), setting);

/** What GitHub's filters see: everything outside code and fences, entities resolved. */
const visible = (markdown: string): string =>
  markdown.replace(/^(`{3,})(?:text|mermaid)\n[\s\S]*?\n\1$/gm, '').replace(/<code>[^<]*<\/code>|`[^`\n]*`/g, '');

describe('the comment', () => {
  it('begins with the marker of its environment', () => {
    expect(render('flipped').split('\n')[0]).toBe('<!-- fleetflip:production -->');
    expect(markerOf('eu-west')).toBe('<!-- fleetflip:eu-west -->');
    expect(markerOf('a -->\n<b>')).toBe('<!-- fleetflip:a%20%2D%2D%3E%0A%3Cb%3E -->');
  });

  it('says first what is live, and how the flip stands against the budget', () => {
    const [, , head, , verdict] = render('flipped').split('\n');
    expect(head).toBe('### ✅ production: 8c41f0e is live on all 256 instances');
    expect(verdict).toBe('Flipped in 3.8 s, 1.2 s under the budget of 5 s.');
  });

  it('shows the running step with its servers and the time so far', () => {
    const comment = render('running');
    expect(comment).toContain('⚡ production: flipping to `8c41f0e`');
    expect(comment).toContain('**⏳ 6 restart web-3, web-4**<br><sub>1 of 2 servers</sub>');
    expect(comment).toMatch(/\*\*3\.\d+&nbsp;s\*\* so far, of 5&nbsp;s/);
  });

  it('tells what failed, what is live, what to do, and the own words of the server', () => {
    const comment = render('rolledBack');
    expect(comment).toContain('### ↩️ production:');
    expect(comment).toContain('| Live now | `91ac0de` |');
    expect(comment).toContain("ModuleNotFoundError: No module named 'orjson'");
    expect(comment).toContain('👉 Add the missing module');
  });

  it('says of a flip that was undone how long it was under way', () => {
    expect(render('rolledBack')).toContain('**3.89&nbsp;s** there and back |');
    expect(render('rolledBack')).toContain('3 of 9 done, then the way back');
  });

  it('says of a run that ended before the flip that it had none', () => {
    const begun = eventsOf('staging');
    const conclusion = { result: 'failed' as const, release: 'r2', live: ['r1'], headline: 'r2 failed: r1 is live' };
    const end = { failures: [], warnings: [], budgetMs: 5_000, totalMs: 420 };
    const comment = renderComment(
      timelineOf([...begun, { type: 'finished', conclusion: { ...conclusion, ...end }, at: 9_000 }]),
      setting,
    );
    expect(comment).toContain('| Flip | not begun |');
  });

  it('names a failed server once', () => {
    const failure = { what: 'port 8001: 500 Internal Server Error', where: 'web-2' };
    const events = streamOf({
      plan: swapPlan(),
      failsAt: { step: '4', server: 'web-2', failure },
      conclusion: {
        result: 'rolled-back',
        failures: [{ what: 'port 8001: refused', where: 'web-1', detail: `${failure.where}: ${failure.what}` }],
      },
    });
    expect(renderComment(timelineOf(events), setting)).not.toContain('Servers that failed');
  });

  it('shows a plan with its estimates', () => {
    const planned = courses['staging']?.().slice(0, 2) ?? [];
    const conclusion = {
      result: 'planned' as const,
      release: 'r2',
      live: ['r1'],
      headline: 'planned, nothing was changed',
    };
    const end = { failures: [], warnings: [], budgetMs: 5_000, totalMs: 420 };
    const comment = renderComment(
      timelineOf([...planned, { type: 'finished', conclusion: { ...conclusion, ...end }, at: 420 }]),
      setting,
    );
    expect(comment).toContain('| Flip | about 3.41&nbsp;s of 5&nbsp;s, estimated |');
    expect(comment).toContain('<b>Steps</b>, 9 planned');
    expect(comment).toContain(
      '| ◻️ 4 restart web-1, web-2 | <sub>1.7&nbsp;s</sub> | `91ac0de`<br><sub>50&nbsp;%</sub> |',
    );
  });

  it('still has at the end what was warned of on the way', () => {
    const [last, ...before] = eventsOf('flipped').reverse();
    const warning = { type: 'warning' as const, failure: { what: '12 assets changed' }, at: last?.at ?? 0 };
    const events = [...before.reverse(), warning, ...(last ? [last] : [])];
    expect(renderComment(timelineOf(events), setting)).toContain('**12 assets changed**');
  });

  it('says over the budget what to change, by what took how long', () => {
    const comment = render('overBudget');
    expect(comment).toContain('⚠️');
    expect(comment).toMatch(/restart web-1, web-2 took 2\.91 s of 5\.58 s \(52 %; .*startsecs\)/);
    expect(render('flipped')).not.toContain('what to change');
  });

  it('claims nothing about users where nobody looked', () => {
    expect(render('flipped')).toContain('| Witness |');
    expect(renderComment(timelineOf(streamOf({ plan: swapPlan(), conclusion: {} })), setting)).not.toContain(
      '| Witness |',
    );
  });

  it('calls a mixed fleet mixed, and silence silence', () => {
    const live = (releases: string[]) =>
      renderComment(
        timelineOf(streamOf({ plan: swapPlan(), conclusion: { result: 'failed', live: releases } })),
        setting,
      );
    expect(live(['old', 'new'])).toContain('⚠️ **mixed:** `old` and `new`');
    expect(live([])).toContain('**nothing answers**');
  });

  it('stays within its limit with 500 servers that all fail with a lot to say', () => {
    const servers = Array.from({ length: 500 }, (_, index) => `web-${index}-${'x'.repeat(index % 40)}.example.com`);
    const failure = { what: 'w'.repeat(5_000), detail: 'd\n'.repeat(50_000), advice: 'a'.repeat(5_000) };
    const failures = servers.map((server) => ({ ...failure, where: server }));
    const failsAt = { step: '4', server: servers[0] ?? '', failure };
    const events = streamOf({
      plan: blueGreenPlan(servers),
      failsAt,
      conclusion: { result: 'failed', failures, warnings: failures },
    });
    expect(renderComment(timelineOf(events), setting).length).toBeLessThanOrEqual(60_000);
    expect(renderShortComment(timelineOf(events), setting).length).toBeLessThanOrEqual(4_000);
    expect(renderSummary(timelineOf(events), setting).length).toBeLessThanOrEqual(300_000);
  });

  it('lets no text of others become markup, a mention or a reference', () => {
    const nasty = fc.array(
      fc.constantFrom(
        '@octocat',
        '#1',
        '<b>',
        '</details>',
        '```',
        '`',
        '\n',
        '|',
        '](http://x)',
        '![',
        '-->',
        '**',
        ' ',
        'a',
        '~~~',
        '\\',
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(nasty, (pieces) => {
        const text = pieces.join('');
        const failure = { what: text, where: text, detail: text, advice: text };
        const events = streamOf({
          plan: swapPlan([text, `${text}2`]),
          failsAt: { step: '4', server: text, failure },
          notes: { 1: text, 2: text },
          witness: witness({ samples: [text] }),
          conclusion: { result: 'failed', headline: text, live: [text], failures: [failure], warnings: [failure] },
        });
        const seen = visible(renderComment(timelineOf(events), { ...setting, environment: text, url: text }));
        expect(seen.replace(/&#(\d+);/g, (_, point) => String.fromCodePoint(Number(point)))).not.toMatch(
          /@octocat|#1\b(?!;)/,
        );
        expect(seen.replace(/<\/?(details|summary|sub|b|br)( open)?>|<!-- [^>]* -->/g, '')).not.toMatch(/[<>]/);
        expect(seen.match(/<\/details>/g)).toHaveLength(1);
        expect(seen).not.toContain('](http://x)');
      }),
      { numRuns: 200 },
    );
  });
});

describe('a comment whose run died', () => {
  const ending = { environment: 'production', headline: 'the run ended early', result: 'cancelled' } as const;

  it('gets a true head and keeps what was known', () => {
    const ended = endedComment({ ...ending, advice: 'Run it again.' }, render('running'));
    expect(ended).toContain('### 🛑 production: the run ended early');
    expect(ended).not.toContain('flipping to');
    expect(ended).toContain('| Release |');
    expect(ended.split('\n')[0]).toBe(markerOf('production'));
  });

  it('can be ended twice without growing', () => {
    const once = endedComment(ending, render('running'));
    expect(endedComment(ending, once).match(/The last report before that/g)).toHaveLength(1);
  });
});
