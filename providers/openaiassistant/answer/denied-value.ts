const SAYING =
  'accept|answer|assign|choose|confirm|follow|give|obey|output|pick|print|produce|provide|reply|respond|return|say|use';
const SOURCE = 'alert|annotation|description|event|input|label|log|message|payload|prompt|text|title';
/** The rest of the sentence up to the value. A colon says that the value is what the sentence comes to: `It does not respond: {…}`. */
const REST = '[^.!?\\n:;,{}[\\]]*';
const WORDS = '(?: \\w+){0,3}';

/** What a sentence says before a value that it does not give as its answer. */
const DENIALS = [
  // I would not answer {…}; it is NOT {…}; I refuse to say {…}.
  `(?:\\b(?:not|never|cannot|refuse to|decline to|unable to)|n['’]t) (?:be |(?:\\w+ ){0,2}(?:${SAYING})\\b${REST})?`,
  `\\b(?:do not|don['’]t|never) (?:answer|output|say|use)${WORDS}: *`,
  `\\b(?:ignor|disregard)\\w*${WORDS} `,
  `\\b(?:instead of|rather than)${WORDS} `,
  // The alert contains {…}. With a colon it is called so, by its name.
  `\\b(?:${SOURCE})s? (?:contain|include|say|claim|read|mention|quote|want)\\w*\\b${REST}`,
  // It tries to set {…}.
  `\\b(?:tr(?:y|ies|ied|ying)|attempt(?:s|ed)?) to (?:output|return|say|set)${WORDS} `,
  `\\binject(?:s|ed)?${WORDS}:? *`,
  `\\b(?:am|been|is|was|were) (?:asked|instructed|told) to (?:answer|output|print|reply|respond|return|say)\\b${REST}`,
  // For example {…}; if it were full I would say {…}.
  `(?:\\b(?:for example|such as)|\\be\\.g\\.)[,:]?${WORDS}:? *`,
  `\\b(?:could|might|would) look like${WORDS}:? *`,
  `\\bif ${REST} would ${REST}`,
];
const DENIED = new RegExp(`(?:${DENIALS.join('|')})$`, 'i');
const LOOKED_AT = 120;

/**
 * Whether the sentence around the value at `at` says that it is no answer. Such a value is never taken, but it still keeps another
 * from being taken without a question: which of them is meant, a pattern cannot decide.
 */
export const isDenied = (text: string, at: number): boolean => DENIED.test(text.slice(Math.max(0, at - LOOKED_AT), at));
