"""Language models behind one port: what is asked is a Prompt, what comes back is a stream."""
