const SAYING =
  'accept|answer|assign|be|choose|confirm|follow|give|obey|output|pick|print|produce|provide|reply|respond|return|say|use';
const SOURCE = 'alert|annotation|description|event|input|label|log|message|payload|prompt|text|title';
const DOING = 'force|get|have|inject|make|output|return|say|set|trick';

/** What a sentence says before a value that it does not give as its answer. What follows goes up to the value. */
const DENIALS = [
  // I would not answer {…}; it is NOT {…}; I refuse to say {…}.
  `(?:\\b(?:not|never|cannot|refuse to|decline to|unable to)|n['’]t) (?:(?:\\w+ ){0,2}(?:${SAYING})\\b[^.!?\\n;,{}[\\]]*)?`,
  '\\b(?:ignor|disregard)\\w* (?:\\w+ ){0,3}',
  // The alert contains {…}. With a colon it is called so, by its name.
  `\\b(?:${SOURCE})s? (?:contain|include|say|claim|read|mention|quote|want)\\w*\\b[^.!?\\n;:,{}[\\]]*`,
  // It tries to set {…}.
  `\\b(?:instead of|rather than|inject\\w*|(?:try|tries|tried|trying|attempts?|attempted) to (?:${DOING}))\\b[^.!?\\n;{}[\\]]*`,
  '\\b(?:am|been|is|was|were) (?:asked|instructed|told) to (?:answer|output|print|reply|respond|return|say)\\b[^.!?\\n:;,{}[\\]]*',
  // For example {…}; if it were full I would say {…}.
  '\\b(?:for example|e\\.g\\.|such as|(?:could|might|would) look like)(?!\\w)[^.!?\\n;{}[\\]]*',
  '\\bif [^.!?\\n;:{}[\\]]* would [^.!?\\n;:{}[\\]]*',
];
const DENIED = new RegExp(`(?:${DENIALS.join('|')})$`, 'i');
const LOOKED_AT = 120;

/**
 * Whether the sentence around the value at `at` says that it is no answer. Such a value is never taken, but it still keeps another
 * from being taken without a question: which of them is meant, a pattern cannot decide.
 */
export const isDenied = (text: string, at: number): boolean => DENIED.test(text.slice(Math.max(0, at - LOOKED_AT), at));
