{
  "variables": {
    "skeletons": "<(SHARED_INTERMEDIATE_DIR)/skeletons"
  },
  "targets": [
    {
      "target_name": "skeletons",
      "type": "none",
      "actions": [
        {
          "action_name": "steer",
          "inputs": ["bpf/skeleton.sh", "bpf/steer.bpf.c", "bpf/steer.h", "bpf/packet.h", "bpf/reply.h"],
          "outputs": ["<(skeletons)/steer.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/steer.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "pass",
          "inputs": ["bpf/skeleton.sh", "bpf/pass.bpf.c"],
          "outputs": ["<(skeletons)/pass.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/pass.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "respond",
          "inputs": ["bpf/skeleton.sh", "bpf/respond.bpf.c", "bpf/respond.h", "bpf/payload.h", "bpf/reverse.h", "bpf/packet.h", "bpf/reply.h"],
          "outputs": ["<(skeletons)/respond.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/respond.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "collect",
          "inputs": ["bpf/skeleton.sh", "bpf/collect.bpf.c", "bpf/collect.h", "bpf/packet.h", "bpf/reply.h"],
          "outputs": ["<(skeletons)/collect.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/collect.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "generate",
          "inputs": ["bpf/skeleton.sh", "bpf/generate.bpf.c", "bpf/generate.h", "bpf/payload.h", "bpf/histogram.h", "bpf/stamp.h"],
          "outputs": ["<(skeletons)/generate.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/generate.bpf.c", "<@(_outputs)"]
        },
        {
          "action_name": "count",
          "inputs": ["bpf/skeleton.sh", "bpf/count.bpf.c", "bpf/count.h", "bpf/payload.h", "bpf/histogram.h", "bpf/packet.h", "bpf/reply.h", "bpf/stamp.h", "bpf/track.h"],
          "outputs": ["<(skeletons)/count.skel.h"],
          "action": ["sh", "bpf/skeleton.sh", "bpf/count.bpf.c", "<@(_outputs)"]
        }
      ]
    },
    {
      "target_name": "invoker",
      "dependencies": ["skeletons"],
      "sources": [
        "native/addon.cc",
        "native/addon_invoker.cc",
        "native/addon_loads.cc",
        "native/afxdp_invoker.cc",
        "native/closed_loop.cc",
        "native/functions.cc",
        "native/interface_counters.cc",
        "native/interface_facts.cc",
        "native/io_ring.cc",
        "native/iouring_invoker.cc",
        "native/live_generator.cc",
        "native/recvfrom_invoker.cc",
        "native/recvmmsg_invoker.cc",
        "native/reply_collector.cc",
        "native/reply_counter.cc",
        "native/reply_pattern.cc",
        "native/reuseport_group.cc",
        "native/reverse.cc",
        "native/ring_server.cc",
        "native/segment_batch.cc",
        "native/socket_generator.cc",
        "native/steering.cc",
        "native/udp_connection.cc",
        "native/udp_socket.cc",
        "native/waits.cc",
        "native/xdp_invoker.cc",
        "native/xdp_program.cc",
        "native/xsk_generator.cc",
        "native/xsk_queue.cc",
        "native/xsk_socket.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "<(skeletons)"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++20", "-O2", "-Wall", "-Wextra", "-fexceptions", "-Wno-missing-field-initializers", "-Wno-cast-function-type"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-O3"],
      "libraries": ["-lbpf", "-luring"]
    }
  ]
}
