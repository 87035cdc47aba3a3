import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { comparisonFixture, imp, swamp } from './fixtures.ts';
import { comparisonHtml, embeddedJson } from './html.ts';

describe('comparisonHtml', () => {
  const config = { dataset: { kind: 'digits' }, seeds: [1, 2], arms: [{ kind: 'imp' }] };
  const html = comparisonHtml(comparisonFixture({ seeds: [1, 2] }), { config });

  it('needs nothing but itself', () => {
    const page = html.replace(/<script>[^]*?<\/script>/g, '');
    expect(page).not.toMatch(/\b(src|href)=/);
    expect(page).not.toMatch(/url\(/);
    expect(page.includes('{{')).toBe(false);
  });

  it('allows only its own scripts and no network', () => {
    const policy = /Content-Security-Policy"\s+content="([^"]+)"/.exec(html)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|connect-src|unsafe-eval/);
    const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map((match) => match[1] ?? '');
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      const hash = createHash('sha256').update(script).digest('base64');
      expect(policy).toContain(`'sha256-${hash}'`);
    }
  });

  it('has headline, verdict, table and settings', () => {
    for (const text of [
      'digits · lenet-300-100',
      '266,200 weights',
      'swamp(4) leads imp',
      'dataset.kind',
      'arms.0.kind',
    ]) {
      expect(html.includes(text), text).toBe(true);
    }
    expect(html.match(/data-table=/g)).toHaveLength(6);
    // Three tables of each figure, the smallest networks, the settings.
    expect(html.match(/<tbody>/g)?.length).toBe(3 * 6 + 2);
  });

  it('embeds data that parses', () => {
    const json = /<script type="application\/json" id="data">([^]*?)<\/script>/.exec(html)?.[1] ?? '';
    const data = JSON.parse(json) as { arms: unknown[]; charts: object; particles: unknown[] };
    expect(data.arms).toHaveLength(3);
    expect(Object.keys(data.charts)).toHaveLength(3 * 2 * 3 * 2 * 2);
    expect(data.particles).toHaveLength(2);
  });

  it('is not fooled by names that look like markup or placeholders', () => {
    const odd = '</script><img src=x onerror=alert(1)>{{data}}$&';
    const page = comparisonHtml({
      ...comparisonFixture({ arms: [{ ...imp, arm: odd }, swamp] }),
      dataset: odd,
      name: odd,
    });
    const outside = page.replace(/<script>[^]*?<\/script>/g, '');
    expect(outside.includes('<img')).toBe(false);
    expect(page.match(/<\/script>/g)).toHaveLength(3);
  });

  it('offers no validation where there is none', () => {
    const page = comparisonHtml(comparisonFixture({ validation: false }));
    expect(page.includes('value="validation"')).toBe(false);
    expect(page.match(/data-table=/g)).toHaveLength(3);
  });
});

describe('embeddedJson', () => {
  it('escapes what would end a script or a line', () => {
    const value = { a: '</script><!--', b: '\u2028\u2029' };
    const text = embeddedJson(value);
    expect(text).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(text)).toEqual(value);
  });
});
