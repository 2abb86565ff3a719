// Checks credentials as the wallets of the Digital Credentials Consortium do, without a network:
// whatever they fetch comes from the input.
// In (stdin): {"credentials": {name: credential}, "documents": {address: document}}
// Out: {name: {"signature": …, "status": …, "schema": [error], "errors": [message]}}
import fs from 'node:fs';

const input = JSON.parse(fs.readFileSync(0, 'utf8'));
globalThis.fetch = async request => {
  const url = String(request.url ?? request);
  const document = input.documents[url];
  const status = document ? 200 : 404;
  const headers = {'content-type': 'application/json'};
  return new Response(JSON.stringify(document ?? {}), {status, headers});
};
// Only now: the library must find no other fetch.
const {verifyCredential} = await import('@digitalcredentials/verifier-core');

async function check(credential) {
  const answer = await verifyCredential({credential, knownDIDRegistries: []});
  const step = name => (answer.log ?? []).find(one => one.id === name);
  const schemas = (answer.additionalInformation ?? []).flatMap(one => one.results);
  return {
    signature: step('valid_signature')?.valid ?? null,
    status: step('revocation_status')?.valid ?? step('revocation_status')?.error?.name ?? null,
    schema: schemas.flatMap(one => one.result?.errors ?? []),
    schemas: schemas.length,
    errors: (answer.errors ?? []).map(one => one.message),
  };
}

const report = {};
for (const [name, credential] of Object.entries(input.credentials)) {
  report[name] = await check(credential);
}
console.log(JSON.stringify(report));
