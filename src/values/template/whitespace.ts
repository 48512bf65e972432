import type { Block, TemplateNode, TextNode } from './tree.ts';

/**
 * Handlebars' whitespace control: `~` eats all space on its side, and a block tag or comment alone on its line takes
 * the line with it. The order of the steps is Handlebars' own (compiler/whitespace-control.js), since each one looks
 * at what the ones before left over.
 */
export function controlWhitespace(nodes: TemplateNode[], isRoot = true): void {
  for (const [index, node] of nodes.entries()) {
    if (node.kind === 'text') continue;
    const alone = node.kind === 'block' ? insideBlock(node) : { open: false, close: false };
    const before = endsLine(nodes, index, isRoot);
    const after = startsLine(nodes, index, isRoot);
    const closing = node.kind === 'block' ? node.close : node.tag;
    const opening = node.kind === 'block' ? node.open : node.tag;
    if (closing.stripAfter) stripStart(nodes[index + 1], true);
    if (opening.stripBefore) stripEnd(nodes[index - 1], true);
    if (node.kind === 'comment' && before && after) {
      stripStart(nodes[index + 1], false);
      stripEnd(nodes[index - 1], false);
    }
    if (node.kind === 'block') stripLines(nodes, index, node, { open: alone.open && before, close: alone.close && after });
  }
}

/** Takes away the lines on which the block's tags stand alone. */
function stripLines(nodes: TemplateNode[], index: number, block: Block, alone: { open: boolean; close: boolean }): void {
  if (alone.open) {
    stripStart(block.body[0], false);
    stripEnd(nodes[index - 1], false);
  }
  if (alone.close) {
    stripStart(nodes[index + 1], false);
    stripEnd((block.otherwise ?? block.body).at(-1), false);
  }
}

/** Whether the block's opening and closing tags are alone on their lines, as seen from inside. */
function insideBlock(block: Block): { open: boolean; close: boolean } {
  controlWhitespace(block.body, false);
  if (block.otherwise) controlWhitespace(block.otherwise, false);
  const { body, elseTag } = block;
  const firstElse = firstOtherwise(block);
  const alone = { open: startsLine(body, -1, false), close: endsLine(firstElse ?? body, (firstElse ?? body).length, false) };
  if (block.open.stripAfter) stripStart(body[0], true);
  if (!firstElse || !elseTag) {
    if (block.close.stripBefore) stripEnd(body.at(-1), true);
    return alone;
  }
  if (elseTag.stripBefore) stripEnd(body.at(-1), true);
  if (elseTag.stripAfter) stripStart(firstElse[0], true);
  if (block.close.stripBefore) stripEnd(lastOtherwise(block).at(-1), true);
  if (endsLine(body, body.length, false) && startsLine(firstElse, -1, false)) {
    stripEnd(body.at(-1), false);
    stripStart(firstElse[0], false);
  }
  return alone;
}

const chainedIn = (nodes: TemplateNode[] | undefined): Block | undefined => {
  const first = nodes?.[0];
  return first?.kind === 'block' && first.chained ? first : undefined;
};

/** What stands directly after the block's `else`, or after its `else if …`. */
const firstOtherwise = (block: Block): TemplateNode[] | undefined => chainedIn(block.otherwise)?.body ?? block.otherwise;

function lastOtherwise(block: Block): TemplateNode[] {
  const inner = chainedIn(block.otherwise);
  if (inner) return inner.otherwise ? lastOtherwise(inner) : inner.body;
  return block.otherwise ?? block.body;
}

/** Whether only space stands between the start of the line and the node at `index`. */
function endsLine(nodes: TemplateNode[], index: number, isRoot: boolean): boolean {
  const previous = nodes[index - 1];
  if (!previous) return isRoot;
  if (previous.kind !== 'text') return false;
  const space = previous.original.slice(previous.original.trimEnd().length);
  return space.includes('\n') || (isRoot && !nodes[index - 2] && space === previous.original);
}

/** Whether only space stands between the node at `index` and the end of the line. */
function startsLine(nodes: TemplateNode[], index: number, isRoot: boolean): boolean {
  const next = nodes[index + 1];
  if (!next) return isRoot;
  if (next.kind !== 'text') return false;
  const space = next.original.slice(0, next.original.length - next.original.trimStart().length);
  return space.includes('\n') || (isRoot && !nodes[index + 2] && space === next.original);
}

const isText = (node: TemplateNode | undefined): node is TextNode => node?.kind === 'text';

function stripStart(node: TemplateNode | undefined, everything: boolean): void {
  if (!isText(node) || (!everything && node.rightStripped)) return;
  const stripped = everything ? node.text.trimStart() : node.text.replace(/^[ \t]*\r?\n?/, '');
  node.rightStripped = stripped !== node.text;
  node.text = stripped;
}

function stripEnd(node: TemplateNode | undefined, everything: boolean): void {
  if (!isText(node) || (!everything && node.leftStripped)) return;
  let length = everything ? node.text.trimEnd().length : node.text.length;
  while (!everything && (node.text[length - 1] === ' ' || node.text[length - 1] === '\t')) length -= 1;
  node.leftStripped = length !== node.text.length;
  node.text = node.text.slice(0, length);
}
