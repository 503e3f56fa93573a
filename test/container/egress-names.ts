/** What the machine of these tests takes names for. */
export const names = { 'listed.example': '1.1.1.1', 'other.example': '1.1.1.1', 'inner.example': '10.9.8.7' }
