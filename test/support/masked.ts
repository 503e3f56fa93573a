/** Python for `attack`: what is seen of each path that is given as `masked`, the names of a folder, the content of a file, or an errno. */
export const lookAtMasked = `
for path in masked:
    try:
        tell(path, os.listdir(path) if os.path.isdir(path) else read(path))
    except OSError as error:
        tell(path, errno.errorcode[error.errno])
`
