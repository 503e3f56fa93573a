import type { Document, Places, Problem } from '../document.ts'
import { openHostNeedsAuth, staticHasToken, switchAgreesWithType, typeAndAliasAgree } from './auth.ts'
import { containerFolderIsAbsolute, containerHasImage, containerKeepsApart } from './container.ts'
import { keysFitTheType, remoteServerHasUrl, remoteServerIsEncrypted, sseIsLegacy } from './remote.ts'
import type { Rule } from './rule.ts'
import {
  hostNetworkHasNoTraffic,
  hostNetworkNeedsAuth,
  switchAgreesWithServers,
  typeNoneMeansDisabled,
} from './sandbox.ts'
import { certAndKeyTogether } from './server.ts'
import { grantsAreUnique, localServerHasCommand, namesAreUnique } from './servers.ts'

const rules: readonly Rule[] = [
  typeAndAliasAgree,
  switchAgreesWithType,
  staticHasToken,
  openHostNeedsAuth,
  certAndKeyTogether,
  namesAreUnique,
  localServerHasCommand,
  remoteServerHasUrl,
  keysFitTheType,
  remoteServerIsEncrypted,
  sseIsLegacy,
  grantsAreUnique,
  switchAgreesWithServers,
  typeNoneMeansDisabled,
  containerHasImage,
  containerKeepsApart,
  containerFolderIsAbsolute,
  hostNetworkNeedsAuth,
  hostNetworkHasNoTraffic,
]

/** What the schema cannot see: keys that disagree, each named with both places. */
export function checkRules(document: Document, places: Places): Problem[] {
  return rules.flatMap((rule) => rule(document, places))
}
