'use strict';

const status = document.getElementById('status');
const form = document.getElementById('form');
const field = document.getElementById('link');

/** The token and the path to go to afterwards, from a whole link or a bare token. */
function read(text) {
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text;
  if (!fragment.includes('=')) {
    return { token: fragment.trim(), next: '' };
  }
  const fields = new URLSearchParams(fragment);
  return { token: (fields.get('token') || '').trim(), next: fields.get('next') || '' };
}

/** Only a path of this very site: a link must not send anyone elsewhere after the sign-in. */
function local(next) {
  try {
    const url = new URL(next || '/lab/index.html', location.origin);
    if (url.origin === location.origin) {
      return url.pathname + url.search + url.hash;
    }
  } catch {
    // Not an address at all: the default will do.
  }
  return '/lab/index.html';
}

function ask(message, wrong) {
  status.textContent = message;
  status.classList.toggle('wrong', wrong);
  form.hidden = false;
  field.focus();
}

async function signIn(text) {
  const { token, next } = read(text);
  let response;
  try {
    response = await fetch('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token })
    });
  } catch {
    ask('The proxy does not answer. Is it still running?', true);
    return;
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    ask(`${problem.error || 'The proxy refused.'} ${problem.next || ''}`, true);
    return;
  }
  const channel = new BroadcastChannel('casebook-session');
  channel.postMessage('signed-in');
  channel.close();
  if (window.opener) {
    window.close();
    return;
  }
  location.replace(local(next));
}

form.addEventListener('submit', event => {
  event.preventDefault();
  const text = field.value;
  field.value = '';
  void signIn(text);
});

const link = location.hash;
if (link.length > 1) {
  // The token leaves the address bar and the history before anything else happens.
  history.replaceState(null, '', '/auth/');
  void signIn(link);
} else {
  ask('You are not signed in.', false);
}
