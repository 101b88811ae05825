"""Peers that do jiedui's whole job, stage by stage, each as a process of its own: from the month folder to the written roster."""
