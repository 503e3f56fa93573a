/** What passed between a server and the world, in bytes. Names that it looked up are not in it: they go nowhere. */
export interface Traffic {
  /** From the server. */
  uploadBytes: number
  /** To the server. */
  downloadBytes: number
}
