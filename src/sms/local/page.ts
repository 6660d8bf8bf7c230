import { createHash } from 'node:crypto';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
  body { max-width: 26rem; margin: 1rem auto; padding: 0 1rem; }
  form { display: grid; gap: .5rem; margin-block: 1rem; }
  label { display: grid; gap: .2rem; font-size: .875rem; }
  input, select, textarea, button { font: inherit; padding: .5rem; }
  ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .4rem; }
  li { padding: .5rem .75rem; border: 1px solid currentColor; border-radius: .75rem; overflow-wrap: anywhere; }
  li.out { margin-left: 3rem; } li.in { margin-right: 3rem; }
  small { opacity: .75; }
`;

const SCRIPT = `
  const [form, list] = [document.querySelector('form'), document.querySelector('ol')];
  const line = (text) => {
    const item = document.createElement('li');
    item.className = text.direction;
    const small = document.createElement('small');
    small.textContent = text.at.slice(11, 16) + ' ' + text.line;
    item.append(text.body, document.createElement('br'), small);
    return item;
  };
  const show = async () => {
    const answer = await fetch('texts?phone=' + encodeURIComponent(form.from.value));
    list.replaceChildren(...(await answer.json()).texts.map(line));
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = JSON.stringify({ from: form.from.value, to: form.to.value, body: form.body.value });
    const answer = await fetch('inbound', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    if (!answer.ok) return alert('Not taken (' + answer.status + ')');
    form.body.value = '';
    await show();
  });
  form.from.addEventListener('change', show);
  setInterval(show, 2000);
  show();
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A telephone: who it is, what it shows, what it types. Nothing is fetched from elsewhere and nothing is kept in the browser. */
export function page(lines: readonly string[]): { readonly html: string; readonly policy: string } {
  const options = lines.map((number) => `<option>${number}</option>`).join('');
  return {
    policy: `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A telephone</title><style>${STYLE}</style></head>
<body>
<h1>A telephone</h1>
<form>
<label>My number <input name="from" value="+12125550142" required pattern="\\+[1-9][0-9]{6,14}"></label>
<label>To <select name="to">${options}</select></label>
<label>Text <textarea name="body" rows="2" required></textarea></label>
<button>Send</button>
</form>
<ol aria-live="polite"></ol>
<script>${SCRIPT}</script>
</body>
</html>
`,
  };
}
