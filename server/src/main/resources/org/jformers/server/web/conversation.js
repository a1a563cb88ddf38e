// A conversation as a tree: each message has the messages that may follow it, of which one is shown.

/** A new conversation. */
export const begun = id => ({ id, persona: '', root: { children: [], shown: 0 } });

/** The messages that are shown, from first to last. */
export function path(conversation) {
  const messages = [];
  for (let node = conversation.root; node.children.length > 0;) {
    node = node.children[node.shown];
    messages.push(node);
  }
  return messages;
}

/** The node before a message of the path; the root before the first. */
export const parent = (conversation, index) => index === 0 ? conversation.root : path(conversation)[index - 1];

/** Puts another message behind a node and shows it. */
export function add(node, role, content) {
  const message = { role, content, children: [], shown: 0 };
  node.shown = node.children.push(message) - 1;
  return message;
}

/** Shows an earlier or later version of a message. */
export function step(conversation, index, by) {
  const node = parent(conversation, index);
  node.shown = Math.max(0, Math.min(node.children.length - 1, node.shown + by));
}

/** What a request says: the persona, and the path up to a node. */
export function messages(conversation, last) {
  const shown = path(conversation);
  const until = shown.slice(0, shown.indexOf(last) + 1);
  const system = conversation.persona.trim();
  return [...(system ? [{ role: 'system', content: system }] : []),
    ...until.map(({ role, content }) => ({ role, content }))];
}

/** The same conversation from the other side: what the user says is what is to be answered for the model's words. */
export function turned(conversation) {
  return path(conversation).map(({ role, content }) => ({ role: role === 'user' ? 'assistant' : 'user', content }));
}

/** A name for lists: how it begins. */
export function title(conversation) {
  const first = conversation.root.children[0]?.content.trim().replace(/\s+/g, ' ') ?? '';
  return first.length > 40 ? `${first.slice(0, 40)}…` : first || 'New conversation';
}

/** What is shown, as Markdown. */
export function markdown(conversation) {
  const system = conversation.persona.trim();
  const parts = path(conversation).map(({ role, content }) => `## ${role === 'user' ? 'You' : 'Model'}\n\n${content}\n`);
  return [`# ${title(conversation)}\n`, ...(system ? [`> ${system.replaceAll('\n', '\n> ')}\n`] : []), ...parts].join('\n');
}

/** Whether something that was kept is a conversation. */
export function isWhole(value) {
  const node = each => Array.isArray(each?.children) && Number.isInteger(each.shown)
    && (each.children.length === 0 || each.children[each.shown] !== undefined)
    && each.children.every(child => typeof child.content === 'string' && ['user', 'assistant'].includes(child.role)
      && node(child));
  return typeof value?.id === 'string' && typeof value.persona === 'string' && node(value.root);
}
