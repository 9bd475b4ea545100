#!/usr/bin/env node
// Plain JavaScript, so that `npx order-sync` starts with nothing but Node.js; it loads the rest as TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./main.ts')
