{
  # Release build of the addon and the launcher; `node native/build.mjs` runs it. Sources: native/sources.json, which
  # native/CMakeLists.txt (developer build) reads as well.
  'variables': {
    'openssl_fips': '',
    'napi_headers': '<!(node -p "path.dirname(require.resolve(\'node-addon-api\'))")',
    'hardening': [
      '-O2',
      '-fstack-protector-strong',
      '-U_FORTIFY_SOURCE',
      '-D_FORTIFY_SOURCE=2',
      '-fvisibility=hidden',
      '-fno-plt',
    ],
    'strictness': ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Werror'],
  },
  'targets': [
    {
      'target_name': 'mcp_one',
      'sources': [
        '<!@(node native/sources.mjs addon common)',
        '<!@(node native/sources.mjs addon <(OS))',
      ],
      'defines': [
        'NAPI_VERSION=9',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        # In a worker that is being terminated no call works; without this the first one ends the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags': ['<@(hardening)'],
      # Not an include_dir: warnings in other people's headers are not ours.
      'cflags_cc': ['<@(strictness)', '-isystem', '<(napi_headers)'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++20',
        'MACOSX_DEPLOYMENT_TARGET': '13.0',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
        'OTHER_CFLAGS': ['<@(hardening)', '-isystem', '<(napi_headers)'],
      },
      'msvs_settings': {'VCCLCompilerTool': {'AdditionalOptions': ['/std:c++20']}},
      'conditions': [
        ['OS=="linux"', {'ldflags': ['-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack']}],
        ['OS=="win"', {'include_dirs': ['<(napi_headers)']}],
      ],
    },
  ],
  'conditions': [
    [
      'OS=="linux"',
      {
        'targets': [
          {
            # Static, so that nothing of the host's libraries decides what it does, and without the C++ run time.
            'target_name': 'mcpo-launch',
            'type': 'executable',
            'sources': ['<!@(node native/sources.mjs launcher <(OS))'],
            'cflags': ['<@(hardening)', '-fPIE'],
            'cflags_cc': ['<@(strictness)', '-fno-threadsafe-statics', '-fno-asynchronous-unwind-tables'],
            'ldflags!': ['-rdynamic', '-pthread'],
            'ldflags': ['-static-pie', '-nodefaultlibs', '-Wl,-z,relro,-z,now', '-Wl,-z,noexecstack', '-s'],
            'libraries': ['-Wl,--start-group', '-lc', '-lgcc', '-lgcc_eh', '-Wl,--end-group'],
          },
        ],
      },
    ],
  ],
}
