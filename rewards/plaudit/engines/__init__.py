"""Where a batch is scored: `inline`, in this process."""
