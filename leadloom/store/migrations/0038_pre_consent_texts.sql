-- The sentences beside the boxes are published, too, so that what somebody saw can be shown by its hash.

ALTER TABLE published
    DROP CONSTRAINT published_kind_check,
    ADD CONSTRAINT published_kind_check
        CHECK (kind IN ('definition', 'journey', 'code-journey', 'template', 'consent-text'));
