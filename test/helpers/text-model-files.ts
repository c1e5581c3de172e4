/**
 * A `tokenizer.json` of the WordPiece kind. Ids: 0 [PAD], 1 [UNK], 2 [CLS], 3 [SEP], then the words in order; a text is
 * framed as [CLS] … [SEP].
 */
export function tokenizerFile(words: readonly string[]): Uint8Array {
  const marks = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
  const vocab = Object.fromEntries([...marks, ...words].map((word, id) => [word, id]));
  const mark = (id: number) => ({
    id,
    content: marks[id],
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  });
  const special = (name: string) => ({ SpecialToken: { id: name, type_id: 0 } });
  return Buffer.from(
    JSON.stringify({
      version: '1.0',
      added_tokens: marks.map((_, id) => mark(id)),
      normalizer: {
        ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
        ...{ strip_accents: null, lowercase: true },
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: {
        type: 'TemplateProcessing',
        single: [special('[CLS]'), { Sequence: { id: 'A', type_id: 0 } }, special('[SEP]')],
        pair: [],
        special_tokens: {
          '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
          '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
        },
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' },
        ...{ max_input_chars_per_word: 100, vocab },
      },
    }),
  );
}

const INT64 = 7;
const FLOAT = 1;

/**
 * An ONNX model that gives the rows of a table: `last_hidden_state` [1, tokens, width] of `input_ids` [1, tokens] and
 * an `attention_mask` that it does not look at. By the field numbers of onnx.proto, opset 17.
 */
export function lookUpModel(
  table: readonly (readonly number[])[],
  inputs = ['input_ids', 'attention_mask'],
): Uint8Array {
  const width = table[0]?.length ?? 0;
  const values = Buffer.from(Float32Array.from(table.flat()).buffer);
  const weights = [
    field(1, varint(table.length)),
    field(1, varint(width)),
    field(2, varint(FLOAT)),
    field(8, 'table'),
    field(9, values),
  ];
  const node = [
    field(1, 'table'),
    field(1, inputs[0] ?? 'input_ids'),
    field(2, 'last_hidden_state'),
    field(4, 'Gather'),
  ];
  const graph = [
    field(1, Buffer.concat(node)),
    field(2, 'look-up'),
    field(5, Buffer.concat(weights)),
    ...inputs.map((name) => field(11, valueInfo(name, INT64, [1, 'tokens']))),
    field(12, valueInfo('last_hidden_state', FLOAT, [1, 'tokens', width])),
  ];
  const opset = Buffer.concat([field(1, ''), field(2, varint(17))]);
  return Buffer.concat([field(1, varint(8)), field(7, Buffer.concat(graph)), field(8, opset)]);
}

function valueInfo(name: string, type: number, shape: readonly (number | string)[]): Buffer {
  const dims = shape.map((size) =>
    field(1, typeof size === 'number' ? field(1, varint(size)) : field(2, size)),
  );
  const tensor = Buffer.concat([field(1, varint(type)), field(2, Buffer.concat(dims))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensor))]);
}

/** A number as it stands in the wire format, to tell it from bytes. */
interface Varint {
  readonly bytes: Buffer;
}

function varint(value: number): Varint {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return { bytes: Buffer.from([...bytes, rest]) };
}

function field(number: number, value: Varint | string | Buffer): Buffer {
  if (typeof value !== 'string' && 'bytes' in value)
    return Buffer.concat([varint(number * 8).bytes, value.bytes]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(number * 8 + 2).bytes, varint(bytes.length).bytes, bytes]);
}
