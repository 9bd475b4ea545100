// The import rules of this project, as a plug-in of oxlint (see jsPlugins in .oxlintrc.json): plain JavaScript, because the
// linter loads it with Node.js as it is. test/unit/house-imports.test.ts breaks every one of them and expects its sentence.
import { dirname, relative, resolve } from 'node:path'

/**
 * Each rule: files `in` these places, save those in `except`, import `never` these, or `only` these; with `types: 'free'`
 * an `import type` is allowed all the same. Places are repository paths (a folder ends in /) or package names.
 */
const RULES = [
  // One library, one door.
  {
    never: ['bullmq'],
    except: ['src/queue/'],
    say: 'bullmq has one door: add what you need to src/queue and import that.',
  },
  {
    never: ['ioredis'],
    except: ['src/redis/', 'src/store/'],
    say: 'ioredis has one door: connect through src/redis/connect.ts, read and write through src/store.',
  },
  {
    never: ['got'],
    except: ['src/http-client.ts'],
    say: 'got has one door: call out through src/http-client.ts, where time limits are set and retries are off.',
  },
  {
    never: ['fastify', '@fastify/', '@bull-board/fastify'],
    except: ['src/http/', 'src/sandbox/'],
    say: 'fastify has one door: write routes in src/http, or in src/sandbox for the stand-in platforms.',
  },
  {
    never: ['@bull-board/api'],
    except: ['src/http/', 'src/ops/', 'src/queue/'],
    say: 'bull-board belongs to operations: build the page in src/ops.',
  },
  {
    never: ['lossless-json'],
    except: ['src/parse-json.ts'],
    say: 'Long numbers matter where text comes in: parse it through src/parse-json.ts and pass plain values on.',
  },

  // Imports run one way: workers → http · queue · ops → jobs → domain.
  {
    in: ['src/domain/'],
    only: ['zod', 'src/domain/'],
    say: 'The domain is pure: it imports zod and itself only. Pass anything else in as an argument.',
  },
  {
    in: ['src/jobs/'],
    only: ['zod', 'src/jobs/', 'src/domain/', 'src/errors.ts'],
    types: 'free',
    say: 'A job imports the domain and types: take what it works with as an argument, src/deps.ts hands it in.',
  },
  {
    in: ['src/jobs/'],
    never: ['src/queue/', 'src/http/', 'src/ops/', 'src/cli/'],
    say: 'A job knows nothing of who runs it, not even a type: return an outcome, and let src/queue act on it.',
  },
  {
    in: ['workers/'],
    only: ['src/http/', 'src/queue/', 'src/ops/', 'src/daemon.ts'],
    say: 'A worker is config → deps → start → stop: put logic into src/http, src/queue or src/ops and start it here.',
  },
  {
    in: ['src/'],
    never: ['workers/', 'test/', 'bench/'],
    say: 'src imports neither workers nor test nor bench: move what both need into src.',
  },
  {
    in: ['src/'],
    except: ['src/cli/', 'src/daemon.ts'],
    never: ['src/deps.ts'],
    types: 'free',
    say: 'Only a process composes itself (workers, src/cli): take the part you need as an argument.',
  },
  {
    in: [
      'src/queue/',
      'src/store/',
      'src/platforms/',
      'src/sources/',
      'src/gateways/',
      'src/redis/',
      'src/http-client.ts',
      'src/parse-json.ts',
      'src/standard-webhooks.ts',
    ],
    never: ['src/http/', 'src/ops/', 'src/cli/', 'src/sandbox/'],
    say: 'This layer lies below the doors and the screens: move what is shared down, or return a value for them to use.',
  },
  {
    in: ['src/store/'],
    never: ['src/jobs/', 'src/queue/', 'src/platforms/', 'src/sources/', 'src/gateways/'],
    types: 'free',
    say: 'A store holds state and starts nothing: let a job or a route call it.',
  },
  {
    in: ['src/platforms/', 'src/sources/', 'src/gateways/'],
    never: ['src/store/', 'src/jobs/', 'src/queue/'],
    types: 'free',
    say: 'An adapter speaks with one vendor: take what it keeps as an argument, src/deps.ts hands it in.',
  },
  {
    in: ['src/shadow-run/'],
    never: ['src/http-client.ts', 'src/http/', 'src/queue/', 'src/ops/', 'src/cli/', 'src/deps.ts'],
    say: 'A shadow run calls nothing: take platforms and the gateway from the history it plays.',
  },
  {
    in: ['src/sandbox/'],
    never: ['src/domain/', 'src/jobs/', 'src/store/', 'src/queue/', 'src/platforms/', 'src/sources/', 'src/gateways/'],
    say: "The sandbox is an independent witness: write it from the vendor's text, so that no mistake hides on both sides.",
  },
]

const lies = (path, places) =>
  places.some(place => (place.endsWith('/') ? path.startsWith(place) : path === place || path.startsWith(`${place}/`)))

/** The sentences of the rules that an import breaks. `target` is a repository path or a package name. */
function broken(file, target, typeOnly) {
  return RULES.filter(rule => {
    if (!lies(file, rule.in ?? ['src/', 'workers/']) || lies(file, rule.except ?? [])) return false
    if (typeOnly && rule.types === 'free') return false
    return rule.only ? !lies(target, rule.only) : lies(target, rule.never)
  }).map(rule => rule.say)
}

const repositoryPath = (cwd, path) => relative(cwd, path).replaceAll('\\', '/')

const imports = {
  create(context) {
    const file = repositoryPath(context.cwd, context.filename)
    const check = (node, source, kind) => {
      if (typeof source?.value !== 'string') return
      const local = source.value.startsWith('.')
      const target = local
        ? repositoryPath(context.cwd, resolve(dirname(context.filename), source.value))
        : source.value
      for (const message of broken(file, target, kind === 'type')) context.report({ node, message })
    }
    return {
      ImportDeclaration: node => check(node, node.source, node.importKind),
      ExportNamedDeclaration: node => check(node, node.source, node.exportKind),
      ExportAllDeclaration: node => check(node, node.source, node.exportKind),
      ImportExpression: node => check(node, node.source, 'value'),
      TSImportType: node => check(node, node.source ?? node.argument?.literal, 'type'),
    }
  },
}

export default { meta: { name: 'order-sync' }, rules: { imports } }
