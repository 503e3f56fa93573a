#pragma once

namespace mcpo {

// In the detached mounts of `tree`, the owner of its root appears as `hostUid`, both ways: what the server
// creates belongs to the owner. Ids of others appear as nobody's. Needs root. Where the file system refuses,
// the tree stays as it is and a note says so.
void MapOwner(int tree, unsigned hostUid, const char* path);

// Forgets the user namespaces that were made for it.
void CloseOwnerMaps();

}  // namespace mcpo
