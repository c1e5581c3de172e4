import { describe, expect, it } from 'vitest';
import { nearest } from '../../shared/config/check-schema.ts';
import { formatFaults } from '../../shared/config/faults.ts';
import { loadYaml } from '../../shared/config/yaml-file.ts';
import { MAX_YAML_BYTES } from '../../shared/config/yaml-limits.ts';

const TEXT = `# a comment
title: x
modalities:
  xray: { kind: foo, filters: [8, 16] }
  labs:
`;

describe('loadYaml', () => {
  it('finds the line of a value, of its key, and of the nearest ancestor of what is absent', () => {
    const yaml = loadYaml(TEXT, 'f.yaml');
    expect(yaml.locate(['modalities', 'xray', 'kind'])).toEqual({ file: 'f.yaml', line: 4, column: 17 });
    expect(yaml.locate(['modalities', 'xray', 'kind'], 'key')).toEqual({
      file: 'f.yaml',
      line: 4,
      column: 11,
    });
    expect(yaml.locate(['modalities', 'xray', 'filters', 1])).toEqual({
      file: 'f.yaml',
      line: 4,
      column: 35,
    });
    expect(yaml.locate(['modalities', 'xray', 'height'])).toEqual({ file: 'f.yaml', line: 4, column: 3 });
    expect(yaml.locate(['modalities', 'labs'])).toEqual({ file: 'f.yaml', line: 5, column: 3 });
    expect(yaml.locate(['nowhere'])).toEqual({ file: 'f.yaml', line: 2, column: 1 });
  });

  it('follows an alias to what it stands for', () => {
    const yaml = loadYaml('base: &b { x: 1 }\nuse: *b\n', 'f.yaml');
    expect(yaml.value).toEqual({ base: { x: 1 }, use: { x: 1 } });
    expect(yaml.locate(['use', 'x'])).toEqual({ file: 'f.yaml', line: 1, column: 15 });
  });

  it('names every duplicate key by path and line, and still reads the rest', () => {
    const yaml = loadYaml('a: 1\nb: { c: 1, c: 2 }\na: 3\n', 'f.yaml');
    expect(formatFaults(yaml.faults)).toBe(
      'f.yaml:2:12 b.c: expected each key once, got a second one\nf.yaml:3:1 a: expected each key once, got a second one',
    );
    expect(yaml.value).toBeDefined();
  });

  it('names the line of a syntax error', () => {
    const yaml = loadYaml('a: 1\nb: [1, 2\nc: 3\n', 'f.yaml');
    expect(yaml.value).toBeUndefined();
    expect(yaml.faults[0]).toMatchObject({ file: 'f.yaml', line: 3, expected: 'valid YAML' });
  });

  it.each([
    ['a second document', 'a: 1\n---\nb: 2\n'],
    ['a tag', 'a: !!js/function "x"\n'],
    ['an alias without an anchor', 'a: *nowhere\n'],
    ['a NUL', 'a: "\u0000"\n'],
    ['an escape character', 'a: \u001b[31m\n'],
    ['a file above the limit', `a: ${'x'.repeat(MAX_YAML_BYTES)}`],
    ['a file above the limit in bytes only', `a: ${'ü'.repeat(MAX_YAML_BYTES / 2)}`],
    ['ten thousand open brackets', `a: ${'['.repeat(10_000)}`],
    ['a thousand nested lists', `a: ${'['.repeat(900)}${']'.repeat(900)}`],
    ['nested block lists', `a:\n${Array.from({ length: 200 }, (_, i) => `${' '.repeat(i)}-`).join('\n')}`],
    ['a __proto__ key', 'a: { __proto__: { polluted: true } }\n'],
    ['an alias inside its own anchor', 'a: &a [*a]\n'],
    ['ten thousand aliases', `a: &a x\nb: [${Array(10_000).fill('*a').join(', ')}]\n`],
    ['a billion laughs', laughs(9)],
    ['a hundred thousand laughs in few aliases', laughs(5)],
  ])('refuses %s', (_, text) => {
    const yaml = loadYaml(text, 'f.yaml');
    expect(yaml.faults.length).toBeGreaterThan(0);
    expect(formatFaults(yaml.faults).length).toBeLessThan(2000);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('reads numbers as YAML 1.2 does, and no as text', () => {
    expect(loadYaml('a: .5\nb: no\nc: 1e-3\nd: 0x10\n1: x\n', 'f.yaml').value).toEqual({
      '1': 'x',
      a: 0.5,
      b: 'no',
      c: 0.001,
      d: 16,
    });
  });

  it('reads an empty file as nothing, without a fault of its own', () => {
    expect(loadYaml('', 'f.yaml')).toMatchObject({ faults: [] });
    expect(loadYaml('# only a comment\n', 'f.yaml').faults).toEqual([]);
  });
});

describe('overrides of loadYaml', () => {
  it('sets, adds and removes, and locates what came from a flag there', () => {
    const yaml = loadYaml('a: { b: 1 }\nc: 2\n', 'f.yaml', ['a.b=[1, x]', 'd.e.f=.5', 'c=']);
    expect(yaml.faults).toEqual([]);
    expect(yaml.value).toEqual({ a: { b: [1, 'x'] }, d: { e: { f: 0.5 } } });
    expect(yaml.locate(['a', 'b', 0])).toEqual({ file: '--set a.b=[1, x]', line: 0, column: 0 });
    expect(yaml.locate(['d'])).toEqual({ file: '--set d.e.f=.5', line: 0, column: 0 });
    expect(yaml.locate(['a'])).toMatchObject({ file: 'f.yaml', line: 1 });
  });

  it.each(['a', '=1', 'a..b=1', 'a.b.c=1', 'x=[', '__proto__.x=1', 'x=!!js/undefined y', 'x=\u0000', 'x=*y'])(
    'refuses %j and names the flag',
    (override) => {
      const { faults } = loadYaml('a: { b: 1 }\n', 'f.yaml', [override]);
      expect(faults).toHaveLength(1);
      expect(formatFaults(faults)).toContain(`--set ${override}`);
    },
  );
});

describe('nearest', () => {
  it('suggests what was probably meant, and nothing where nothing is near', () => {
    const words = ['epochs', 'steps', 'batch', 'rounds'];
    expect(nearest('epoch', words)).toBe('epochs');
    expect(nearest('bacth', words)).toBe('batch');
    expect(nearest('Rounds', words)).toBe('rounds');
    expect(nearest('quorum', words)).toBeUndefined();
  });
});

/** Ten to the power of `levels` strings, in a few lines. */
function laughs(levels: number): string {
  const lines = ['l0: &l0 [ha]'];
  for (let i = 1; i <= levels; i++)
    lines.push(
      `l${i}: &l${i} [${Array(10)
        .fill(`*l${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}
