/** What `pip install` and `uvx` need: the index, and where its files are. */
export const pypi = ['pypi.org:443', 'files.pythonhosted.org:443'] as const
