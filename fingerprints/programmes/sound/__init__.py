"""How references are heard in a programme: peaks propose, waveforms and levels decide."""
