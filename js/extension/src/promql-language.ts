import {
  defineLanguageFacet,
  ensureSyntaxTree,
  Language,
  languageDataProp
} from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { NodeSet, NodeType, Parser, Tree } from '@lezer/common';
import type { Input, PartialParse, TreeFragment } from '@lezer/common';
import { styleTags, tags } from '@lezer/highlight';
import { LanguageType, promQLLanguage } from '@prometheus-io/codemirror-promql';

import { bodyStart, readWords } from './promql-first-line';
import type { WordKind } from './promql-first-line';

/**
 * PromQL by itself, as it stands below the first line of a cell.
 */
export const promql = promQLLanguage(LanguageType.PromQL);

const PARSE_MS = 500;

/**
 * Make the state of an editor that holds a query alone, parsed to its end.
 */
export function queryState(doc: string): EditorState {
  const state = EditorState.create({ doc, extensions: promql });
  // A state gives its parser 20 ms, which a busy machine spends elsewhere; it takes the whole tree at its next update.
  ensureSyntaxTree(state, doc.length, PARSE_MS);
  return state.update({}).state;
}

const cellData = defineLanguageFacet({ commentTokens: { line: '#' } });

const NODES = new NodeSet([
  NodeType.define({ id: 0, name: 'PromqlCell', top: true }),
  NodeType.define({ id: 1, name: 'FirstLine' }),
  NodeType.define({ id: 2, name: 'Magic' }),
  NodeType.define({ id: 3, name: 'Option' }),
  NodeType.define({ id: 4, name: 'Value' }),
  NodeType.define({ id: 5, name: 'Name' })
]).extend(
  languageDataProp.add({ PromqlCell: cellData }),
  styleTags({
    Magic: tags.processingInstruction,
    Option: tags.propertyName,
    Value: tags.string,
    Name: tags.definition(tags.variableName)
  })
);

const [CELL, FIRST_LINE, ...WORDS] = NODES.types as [NodeType, NodeType, ...NodeType[]];
const KINDS: readonly WordKind[] = ['magic', 'option', 'value', 'name'];

/**
 * Parse a cell: its first line into words, the rest as PromQL.
 */
export function parseCell(text: string): Tree {
  const from = bodyStart(text);
  const line = text.slice(0, from).trimEnd();
  const words = readWords(line);
  const first = new Tree(
    FIRST_LINE,
    words.map(({ kind, from, to }) => new Tree(wordType(kind), [], [], to - from)),
    words.map(({ from }) => from),
    line.length
  );
  return from < text.length
    ? new Tree(CELL, [first, promql.parser.parse(text.slice(from))], [0, from], text.length)
    : new Tree(CELL, [first], [0], text.length);
}

function wordType(kind: WordKind): NodeType {
  return WORDS[KINDS.indexOf(kind)] ?? NodeType.none;
}

/**
 * Parses whole cells: they are short, and a change of the first line may change everything.
 */
class CellParser extends Parser {
  createParse(
    input: Input,
    _fragments: readonly TreeFragment[],
    ranges: readonly { readonly from: number; readonly to: number }[]
  ): PartialParse {
    const from = ranges[0]?.from ?? 0;
    const to = ranges[ranges.length - 1]?.to ?? input.length;
    return {
      parsedPos: from,
      stoppedAt: null,
      stopAt: () => undefined,
      advance: () => parseCell(input.read(from, to))
    };
  }
}

/**
 * The language of a cell whose first line is `%%promql`.
 */
export const promqlCell = new Language(cellData, new CellParser(), [], 'promql-cell');
